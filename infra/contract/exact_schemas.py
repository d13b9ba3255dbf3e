"""JSON Schema of the fields of chalicelib/domain/fields/exact.py, whose rules msgspec does not know."""

from typing import Any

from chalicelib.domain.fields.exact import (
    LONGEST_AGE,
    LONGEST_OBJECT_ID,
    LONGEST_USER_ID,
    NO_USER_IDS,
    Age,
    Amount,
    AnyUserId,
    At,
    ObjectId,
    PositiveAmount,
    Quantile,
    RecordedAt,
    UserId,
)

_LARGEST = 1_000_000_000
_DECIMAL = r"^[+-]?[0-9]{1,10}(\.[0-9]{1,4})?$"
_INSTANT = {
    "type": "string",
    "format": "date-time",
    "description": "ISO 8601 with its offset from UTC, of the years 2000 to 2200",
    "examples": ["2026-11-21T09:30:00Z"],
}

_USER_ID = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_USER_ID,
    "description": f"1 to {LONGEST_USER_ID} bytes in UTF-8",
}


def _number_or_text(number: dict[str, Any], pattern: str, about: str) -> dict[str, Any]:
    text = {"type": "string", "pattern": pattern}
    return {"description": about, "anyOf": [{"type": "number", **number}, text]}


_SCHEMAS: dict[Any, dict[str, Any]] = {
    Age: {
        "type": "number",
        "maximum": LONGEST_AGE,
        "minimum": -LONGEST_AGE,
        "description": "how many milliseconds ago; a negative age is 0",
    },
    Amount: _number_or_text(
        {"minimum": -_LARGEST, "maximum": _LARGEST},
        _DECIMAL,
        "a number, or decimal text, with 4 decimals at most and within ±1e9",
    ),
    PositiveAmount: _number_or_text(
        {"exclusiveMinimum": 0, "maximum": _LARGEST},
        r"^\+?[0-9]{1,10}(\.[0-9]{1,4})?$",
        "a number above 0, or decimal text, with 4 decimals at most and up to 1e9",
    ),
    Quantile: _number_or_text(
        {"minimum": 0.5, "exclusiveMaximum": 1},
        r"^0?\.[5-9][0-9]*$",
        "a quantile from 0.5 to below 1, as a number or as decimal text",
    ),
    At: _INSTANT,
    RecordedAt: _INSTANT,
    AnyUserId: _USER_ID,
    UserId: {**_USER_ID, "not": {"enum": sorted(NO_USER_IDS)}},
    ObjectId: {
        "type": "string",
        "pattern": rf"^[A-Za-z0-9][A-Za-z0-9_.-]{{0,63}}:[^%\x00-\x1f\x7f-\x9f]{{1,{LONGEST_OBJECT_ID}}}$",
        "description": f"kind:id, the id 1 to {LONGEST_OBJECT_ID} printable characters without %",
        "examples": ["product:42"],
    },
}


def exact_schema(kind: Any) -> dict[str, Any]:
    """The schema of such a field; NotImplementedError for any other type."""
    if kind not in _SCHEMAS:
        raise NotImplementedError
    return dict(_SCHEMAS[kind])
