"""Visitors: their document, what is told of them, logins, and what they see."""
