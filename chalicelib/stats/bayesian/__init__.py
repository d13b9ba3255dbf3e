"""Chance to beat control, expected loss, credible intervals."""
