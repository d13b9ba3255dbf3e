"""Names that come by themselves: in an address, or as one field of a body."""

from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import Key, Name


def checked_name(value: object, field: str) -> str:
    """`value` if it is a name; InvalidInput with `field` otherwise."""
    return read(Name, value, field)


def checked_key(value: object, field: str) -> str:
    """`value` if it is text of 1 to 128 characters; InvalidInput with `field` otherwise."""
    return read(Key, value, field)
