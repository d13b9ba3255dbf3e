"""Methods that hold however often people look."""
