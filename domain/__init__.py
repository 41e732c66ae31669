"""What happens to a child, and the rules. Pure Python: no clock, no disk, no network."""
