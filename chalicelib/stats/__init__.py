"""Numbers in, numbers out: every statistic of a report."""
