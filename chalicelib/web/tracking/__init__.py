"""Routes that send events to trackers."""
