"""Who is who: the ids under which visitors and users are known.

An anonymous visitor has the id that the script or we made. A user that no visitor was linked to
has an id of its own, the user id behind a `~` that no visitor's id can begin with. The hash is
taken of the user id itself, as it stands.
"""

from chalicelib.domain.fields.exact import LONGEST_USER_ID
from chalicelib.domain.fields.text import is_visitor_id

USER_MARK = "~"


def own_id(user_id: str) -> str:
    """The id of a user as a visitor of its own."""
    return USER_MARK + user_id


def hashed_id(visitor_id: str) -> str:
    """What the hash is taken of, to choose a variation."""
    return visitor_id.removeprefix(USER_MARK)


def user_of(visitor_id: str, linked_to: str | None) -> str | None:
    """The user whom a visitor is, by its link or by its own id."""
    if linked_to is None and visitor_id.startswith(USER_MARK):
        return hashed_id(visitor_id)
    return linked_to


def is_known_form(visitor_id: str) -> bool:
    """Whether a token may be made of it: a visitor's id or a user's own."""
    if visitor_id.startswith(USER_MARK):
        return 0 < _bytes(hashed_id(visitor_id)) <= LONGEST_USER_ID
    return is_visitor_id(visitor_id)


def _bytes(text: str) -> int:
    """The length in UTF-8; 0 for text that has none."""
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        return 0
