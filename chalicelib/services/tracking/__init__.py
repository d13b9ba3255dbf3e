"""Trackers: take events, add them up, read the counters."""
