"""Experiments and goals: variations, states, phases, bucketing, and what people write to define them."""
