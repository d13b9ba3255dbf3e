"""Read what an earlier version stored, which today's rules may refuse."""

from functools import cache
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, structs

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import Amount, At, PositiveAmount, RecordedAt
from chalicelib.domain.fields.reading import read

T = TypeVar("T")

_WIDER = {At: RecordedAt, PositiveAmount: Amount}


def read_stored(kind: type[T], value: object) -> tuple[T, InvalidInput | None]:
    """What was stored, and what the rules say against it; InvalidInput when its structure is another."""
    try:
        return read(kind, value), None
    except InvalidInput as problem:
        loose: type[T] = unconstrained(cast(Any, kind))
        return read(loose, value), problem


@cache
def unconstrained(kind: Any) -> Any:
    """The same type without its ranges, patterns, lengths and rules across fields: the structure alone."""
    origin = get_origin(kind)
    if origin is Annotated:
        return unconstrained(get_args(kind)[0])
    if origin in (Union, UnionType):
        return Union[tuple(unconstrained(each) for each in get_args(kind))]  # noqa: UP007 made at run time
    if origin in (list, tuple):
        return origin[tuple(each if each is ... else unconstrained(each) for each in get_args(kind))]
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _loose(kind)
    return _WIDER.get(kind, kind)


def _loose(kind: type[Struct]) -> type[Struct]:
    hints = get_type_hints(kind, include_extras=True)
    fields = [(each.name, unconstrained(hints[each.name]), _default(each)) for each in structs.fields(kind)]
    return msgspec.defstruct(kind.__name__, fields, kw_only=True, frozen=True)


def _default(field: structs.FieldInfo) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return msgspec.field(default=field.default)
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.field()
