"""A report as types: what its file, its view and the index of all reports hold."""
