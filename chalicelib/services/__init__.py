"""Use cases, one a file: fetch, decide, save."""
