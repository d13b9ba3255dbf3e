"""Routes that operators call, with the admin key."""
