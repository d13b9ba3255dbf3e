"""The HTTP contract: what every route takes and answers, what a report holds, and both as documents."""
