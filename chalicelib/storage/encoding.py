"""Reports as JSON bytes."""

from typing import Any

import msgspec


def json_bytes(value: Any) -> bytes:
    """UTF-8 JSON without blanks; whole numbers of any size, floats as they print shortest."""
    return msgspec.json.encode(value)
