"""Which enrolments and facts count, what they add up to, and which old facts are still needed."""
