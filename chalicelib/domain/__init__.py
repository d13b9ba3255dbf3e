"""What split testing means: values and rules, without I/O, clock or framework."""
