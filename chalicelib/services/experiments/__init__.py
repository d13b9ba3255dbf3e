"""What operators do with experiments and goals, and what is published for browsers."""
