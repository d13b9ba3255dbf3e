"""`python -m infra COMMAND`, one module a command."""
