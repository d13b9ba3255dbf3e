"""Routes that your servers call, with a server key."""
