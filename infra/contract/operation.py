"""What is said of a route: its key, parameters, bodies, and every answer with its headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

JSON = "application/json"
Method = Literal["GET", "POST", "PATCH", "DELETE"]
Key = Literal["admin", "server", "server or none", "none"]


@dataclass(frozen=True, slots=True)
class Header:
    """A header of an answer; `schema` is a type. One that is not `always` there is conditional."""

    description: str
    schema: Any = str
    always: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """`bodies` are types by content type. Answers with a `name` are kept once, as a component."""

    description: str
    bodies: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Header] = field(default_factory=dict)
    name: str = ""

    def with_headers(self, headers: Mapping[str, Header], prefix: str = "") -> "Answer":
        """The same with more headers, under a name of its own if it has one."""
        return replace(self, headers={**self.headers, **headers}, name=self.name and f"{prefix}{self.name}")


def json_answer(
    body: Any, description: str, headers: Mapping[str, Header] | None = None, name: str = ""
) -> Answer:
    """An answer whose body is JSON of a type."""
    return Answer(description, {JSON: body}, headers or {}, name)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the path, the query or a cookie; one of the path is always required."""

    name: str
    schema: Any
    description: str
    place: Literal["path", "query", "cookie"] = "query"
    required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent: a type, and the content types that it may be sent as. All of them are read as JSON."""

    schema: Any
    required: bool = True
    content_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a path. Its view's docstring says what it is for; `id` is its name, else the view's."""

    method: Method
    path: str
    tag: str
    key: Key
    answers: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    id: str = ""

    @property
    def given(self) -> dict[int, Answer]:
        """Its answers; the content type of a request that has no body is not looked at."""
        bodiless = self.method in ("GET", "DELETE")
        return {status: each for status, each in self.answers.items() if not (bodiless and status == 415)}
