"""What a field may hold: constrained types, and how values are read by them."""
