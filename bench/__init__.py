"""What is fast, measured: each line is a ratio of two things timed in the same run."""
