"""Texts of a fixed form, as answers and reports hold them."""

from typing import Annotated

from msgspec import Meta

Name = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$",
        description="1 to 64 of the characters A-Z a-z 0-9 _ . - that start with a letter or digit",
        examples=["headline"],
    ),
]
Day = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        description="a day in UTC",
        examples=["2026-11-21"],
        extra_json_schema={"format": "date"},
    ),
]
Instant = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
        description="a time in UTC, to the millisecond",
        examples=["2026-11-21T09:30:00.000Z"],
    ),
]
Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+(\.[0-9]{1,4})?$",
        description="an exact decimal number as text, with 4 decimals at most",
        examples=["29.9"],
    ),
]
ExactNumber = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]+(\.[0-9]+|/[0-9]+)?$",
        description="an exact number as text: a decimal, or a fraction where a goal divides",
        examples=["29.9", "1/3"],
    ),
]
Token = Annotated[
    str,
    Meta(
        pattern=r"^v1\.[A-Za-z0-9_~%-]+\.[A-Za-z0-9_-]{22}$",
        description="a visitor's signed token; keep it in the visitor's cookie",
        examples=["v1.ZHVtbXktdmlzaXRvci1pZA.c2lnbmF0dXJlLWR1bW15LWlk"],
    ),
]
TokenOrId = Annotated[
    str,
    Meta(
        pattern=r"^(v1\.[A-Za-z0-9_~%-]+\.[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{8,64})$",
        description="a visitor's signed token, or an id that nobody signed",
    ),
]
ObjectId = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}:.+$", examples=["product:42"], description="kind:id")
]
Bucket = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}Z)?|total)$",
        description="a day, an hour of one, or `total`",
        examples=["2026-11-21", "2026-11-21T09Z", "total"],
    ),
]
Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Number = float | None
"""A figure, or null where it is not defined."""
