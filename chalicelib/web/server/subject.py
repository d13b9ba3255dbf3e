"""Whom a server speaks of: a user by its id, or a visitor by its token or id."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET, Struct, UnsetType

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.exact import AnyUserId, UserId
from chalicelib.domain.fields.reading import FieldError, joined
from chalicelib.domain.fields.text import Token, is_visitor_id
from chalicelib.domain.visitors.identity import own_id
from chalicelib.web.http.token import signed_id


class SubjectInput(Struct, frozen=True, kw_only=True):
    """A user or a visitor, never both."""

    user_id: UserId | UnsetType = UNSET
    visitor: Token | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Exactly one of the two."""
        _check_one(self.user_id, self.visitor)


class ErasedInput(Struct, frozen=True, kw_only=True):
    """Whom to forget."""

    user_id: AnyUserId | UnsetType = UNSET
    visitor: Token | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Exactly one of the two."""
        _check_one(self.user_id, self.visitor)


@dataclass(frozen=True, slots=True)
class Who:
    """`registered` users are human; of a visitor only its script knows."""

    visitor_id: str
    registered: bool


def who_of(written: SubjectInput | ErasedInput, field: str, keys: Sequence[str]) -> Who:
    """Who it is; InvalidInput names the field."""
    if not isinstance(written.user_id, UnsetType):
        return Who(own_id(written.user_id), registered=True)
    if is_visitor_id(written.visitor):
        return Who(str(written.visitor), registered=False)
    return Who(token_id(written.visitor, joined(field, "visitor"), keys), registered=False)


def _check_one(user_id: object, visitor: object) -> None:
    if isinstance(user_id, UnsetType) == isinstance(visitor, UnsetType):
        raise FieldError("user_id", "is needed, or visitor; not both")


def token_id(value: object, field: str, keys: Sequence[str]) -> str:
    """The visitor of a token that we signed; InvalidInput for everything else, a bare id too."""
    visitor_id = signed_id(value, keys) if isinstance(value, str) else None
    if visitor_id is None:
        raise InvalidInput(field, "must be a visitor's token as the cookie or an answer holds it")
    return visitor_id
