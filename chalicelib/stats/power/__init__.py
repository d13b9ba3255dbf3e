"""Sample size, power and detectable effect."""
