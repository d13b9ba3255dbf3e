"""From the evidence to a verdict: families, gates, guardrails, intervals, stability."""
