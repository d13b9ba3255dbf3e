"""What the routes for browsers and for servers share when they take events."""
