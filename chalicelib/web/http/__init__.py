"""What all routes share: answers, keys, tokens, cross-origin rules, bots, the log."""
