"""A/A experiments of every kind, drawn as daily tallies."""
