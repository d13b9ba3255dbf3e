"""A stage in AWS: its account, stacks, keys, policies and prices."""
