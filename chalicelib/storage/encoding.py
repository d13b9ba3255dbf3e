"""Reports as JSON bytes."""

from typing import Any


def json_bytes(value: Any) -> bytes:
    """UTF-8 JSON without blanks; whole numbers of any size, floats as they print shortest."""
    # Only here: it comes with the layer of the report functions, and the API writes no reports.
    import msgspec

    return msgspec.json.encode(value)
