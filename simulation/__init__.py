"""A synthetic county that lives: families, seasons, workers, harm. It speaks in CloudEvents."""
