"""Every error that leansplit raises on purpose.

LeansplitError
├── InvalidInput        a field of what was sent is wrong (HTTP 400)
├── NotFound            no such experiment, goal, report or job (404)
├── Conflict            somebody else changed it first (409)
├── Refusal             what is asked for cannot be done as things stand (409)
├── Unavailable         the store is busy or out of reach: nothing is known to be wrong (503)
├── NotStorable         what the store does not take, however often it is tried
├── Refused             a visitor's event that must not count, with a countable reason
└── UnreadableDocument  a stored item that cannot be read; set aside by the recount
"""


class LeansplitError(Exception):
    """Base of the tree; never raised itself."""


class InvalidInput(LeansplitError):
    """`field` is the path of the wrong value, as the sender wrote it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class NotFound(LeansplitError):
    """There is no `kind` called `name`."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"no {kind} {name!r}")
        self.kind = kind
        self.name = name


class Conflict(LeansplitError):
    """What was read has changed since."""


class Refusal(LeansplitError):
    """What is asked for cannot be done as things stand; the message says what to do first."""


class Unavailable(LeansplitError):
    """The store could not answer now; the same again is harmless and may succeed."""

    def __init__(self, problem: str = "the store is busy") -> None:
        super().__init__(problem)


class NotStorable(LeansplitError):
    """What the store does not take, however often it is tried: a key too long, a number too large."""


class Refused(LeansplitError):
    """An event that must not count; `reason` is a short word that is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableDocument(LeansplitError):
    """A stored item whose content is not what its format promises; `version` is what may replace it."""

    def __init__(self, problem: str, version: int = 0) -> None:
        super().__init__(problem)
        self.version = version
