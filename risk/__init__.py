"""Risk: questions, point-in-time features, models, how they are judged, and scores with reasons."""
