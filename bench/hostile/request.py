"""A request as it goes over the wire, and a valid one from which hostile ones are made."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode

from bench.hostile.json_tree import encoded

_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Request:
    """`path` and `query` are percent-encoded. `as_sent`: path parameters reach the app undecoded."""

    route: str
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    as_sent: bool = True

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def shown(self) -> str:
        """One line; what is long is cut."""
        parts = [self.method, _cut(self.target)]
        parts += ["" if self.as_sent else "(path decoded)", _cut(str(dict(self.headers)))]
        return " ".join(part for part in [*parts, _cut(str(self.body)) if self.body else ""] if part)


@dataclass(frozen=True, slots=True)
class Example:
    """A valid request: `path` fills the parameters of the route, `key` is admin, server or nothing."""

    route: str
    path: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    key: str = ""

    def request(self, keys: Mapping[str, str]) -> Request:
        """As a well-behaved client sends it."""
        method, _, template = self.route.partition(" ")
        return Request(
            self.route,
            method,
            filled(template, self.path),
            urlencode(self.query),
            headers_of(keys.get(self.key, ""), self.body is not None),
            b"" if self.body is None else encoded(self.body).encode(),
        )


AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"


def headers_of(key: str, has_body: bool) -> tuple[tuple[str, str], ...]:
    """Those of a browser or a server."""
    found = [("User-Agent", AGENT), ("Accept", "*/*"), ("Accept-Language", "en")]
    if has_body:
        found.append(("Content-Type", "application/json"))
    if key:
        found.append(("Authorization", f"Bearer {key}"))
    return tuple(found)


def filled(template: str, parameters: Mapping[str, str], safe: str = "") -> str:
    """The path of a route with its parameters, percent-encoded."""
    for name, value in parameters.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=safe, errors="replace"))
    return template


def environ_of(request: Request) -> dict[str, Any]:
    """The request as a WSGI server hands it over."""
    path = request.path if request.as_sent else unquote(request.path, "latin-1")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{name}" in headers:
            headers[name] = headers.pop(f"HTTP_{name}")
    return {
        **headers,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": path,
        "QUERY_STRING": request.query,
        "REMOTE_ADDR": "203.0.113.7",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.input": io.BytesIO(request.body),
    }


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"
