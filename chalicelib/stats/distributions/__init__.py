"""Probability distributions, by their tails."""
