"""Whom a server speaks of: a user by its id, or a visitor by its token or id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.name import is_visitor_id
from chalicelib.domain.visitors.identity import checked_user_id, own_id
from chalicelib.web.http.token import signed_id


@dataclass(frozen=True, slots=True)
class Who:
    """`registered` users are human; of a visitor only its script knows."""

    visitor_id: str
    registered: bool


def who_from(fields: Mapping[str, Any], path: str, keys: Sequence[str]) -> Who:
    """Exactly one of `user_id` and `visitor`; InvalidInput names the field."""
    if ("user_id" in fields) == ("visitor" in fields):
        raise InvalidInput(f"{path}user_id", "is needed, or visitor; not both")
    if "user_id" in fields:
        return Who(own_id(checked_user_id(fields["user_id"], f"{path}user_id")), registered=True)
    visitor = fields["visitor"]
    if is_visitor_id(visitor):
        return Who(visitor, registered=False)
    return Who(token_id(visitor, f"{path}visitor", keys), registered=False)


def token_id(value: object, field: str, keys: Sequence[str]) -> str:
    """The visitor of a token that we signed; InvalidInput for everything else, a bare id too."""
    visitor_id = signed_id(value, keys) if isinstance(value, str) else None
    if visitor_id is None:
        raise InvalidInput(field, "must be a visitor's token as the cookie or an answer holds it")
    return visitor_id
