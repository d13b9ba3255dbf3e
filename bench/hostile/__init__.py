"""Mutated and raw requests to every route, and what must be true of every answer."""
