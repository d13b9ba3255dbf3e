"""How often a law is tried: in full in `make test`, with a tenth of the examples in `make unit`.

The profile is chosen with `--hypothesis-profile`; see `tests/conftest.py`.
"""

from hypothesis import settings

FAST = "fast"
_FEWEST = 5


def tried(examples: int) -> settings:
    """Settings for a law that `make test` tries with so many examples."""
    fast = settings.get_current_profile_name() == FAST
    return settings(max_examples=max(_FEWEST, examples // 10) if fast else examples, deadline=None)
