"""Tests and intervals for one look at the data."""
