"""The same store in memory, for tests and replays."""
