"""How deep JSON is nested: what is nested deeper than anything that leansplit reads is refused.

Writing it again, or turning it into text, would exceed Python's recursion limit.
"""

from typing import Any

DEEPEST = 32


def is_deep(value: Any) -> bool:
    """Whether a JSON value is nested deeper than DEEPEST; without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for each in level for child in _children(each)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
