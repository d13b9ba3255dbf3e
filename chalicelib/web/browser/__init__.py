"""Routes that browsers call."""
