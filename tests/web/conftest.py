"""Fixtures of the web tests."""

from tests.web.client import site

__all__ = ["site"]
