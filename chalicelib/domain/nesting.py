"""How deep JSON is nested: what is nested deeper than anything that leansplit reads is refused.

Writing it again, or turning it into text, would exceed Python's recursion limit.
"""

import re
from typing import Any

DEEPEST = 32
_LEFT = DEEPEST + 8
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]|[^"\[\]{}]+|"', re.DOTALL)


def is_deep(value: Any) -> bool:
    """Whether more than DEEPEST lists and objects lie inside each other; without recursion."""
    level = [value]
    for _ in range(DEEPEST):
        level = [child for each in level for child in _children(each) if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def pruned(text: str) -> str:
    """JSON text that can be read without deep recursion: what lies far below DEEPEST is null.

    What held it is still too deep, and what lies beside that is as it was.
    """
    kept, depth = [], 0
    for token in _TOKEN.findall(text):
        depth += token in "[{"
        if depth < _LEFT:
            kept.append(token)
        elif depth == _LEFT and token in "[{":
            kept.append("null")
        depth -= token in "]}"
    return "".join(kept)


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
