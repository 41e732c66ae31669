"""Policies tried out on the same lives: lists → visits → detections → help → outcomes."""
