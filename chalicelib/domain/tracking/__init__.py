"""Trackers: named counters of objects, what is sent to them, and how it is added up."""
