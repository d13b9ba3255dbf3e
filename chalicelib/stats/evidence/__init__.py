"""What every day says of every comparison: difference, variance, clock, and whether it is enough."""
