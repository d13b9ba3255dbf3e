"""What can be wrong with a request beside the values of its body: headers, query, path, raw bytes, method."""

import gzip
import random
from dataclasses import replace
from urllib.parse import parse_qsl, quote

from bench.hostile.request import Example, Request, filled
from bench.hostile.values import ATTACKS, hostile_text, similar_text

_LARGE = (
    b"[" * 100_000,
    b"{} " * 200_000,
    b"[" + b"0," * 300_000 + b"0]",
    b"\xff" * 20_000,
    b"[" + b"{}," * 600 + b"{}]",
)
_BODIES = (*(body.encode("latin-1") for body in ATTACKS["bodies"]), *_LARGE)


def other_headers(request: Request, chance: random.Random) -> Request:
    """One header dropped, replaced or added."""
    headers = dict(request.headers)
    name = chance.choice([*headers, *ATTACKS["header_names"]])
    if name in headers and chance.random() < 0.3:
        del headers[name]
    else:
        value = (
            chance.choice(ATTACKS["header_values"]) if chance.random() < 0.8 else hostile_text(chance)[:4_000]
        )
        headers[name] = value.replace("\r", "").replace("\n", "")
    return replace(request, headers=tuple(headers.items()))


def other_query(request: Request, chance: random.Random) -> Request:
    """Another parameter, one twice, or no query at all that makes sense."""
    if chance.random() < 0.2:
        return replace(request, query=chance.choice([*ATTACKS["queries"], "x=" + "a" * 7_000]))
    given = dict(parse_qsl(request.query))
    name = chance.choice([*given, *given, *ATTACKS["query_names"]])
    alike = name in given and chance.random() < 0.4
    text = similar_text(given[name], chance) if alike else hostile_text(chance)[:2_000]
    added = f"{quote(name)}={_quoted(text)}"
    kept = [part for part in request.query.split("&") if part and part.partition("=")[0] != name]
    return replace(
        request, query="&".join([*kept, added] if chance.random() < 0.8 else [added, request.query, added])
    )


def other_path(request: Request, example: Example, chance: random.Random) -> Request:
    """One parameter of the path is another; raw, encoded, or encoded twice."""
    if not example.path:
        return replace(request, path=request.path + chance.choice(["/", "//", "/%00", "/..", "%20", ";a=1"]))
    name = chance.choice(list(example.path))
    text = hostile_text(chance)[:2_500]
    if chance.random() < 0.2:
        text = quote(text, errors="replace")
    template = request.route.partition(" ")[2]
    path = filled(template, {**example.path, name: text}, safe=chance.choice(["", "", "/%:"]))
    return replace(request, path=path, as_sent=chance.random() < 0.5)


def other_body(request: Request, chance: random.Random) -> Request:
    """Bytes that are no JSON, or the same JSON in another encoding, cut short or packed."""
    if chance.random() < 0.5 or not request.body:
        return replace(request, body=chance.choice(_BODIES))
    text = request.body.decode("utf-8", "replace")
    return replace(
        request,
        body=chance.choice(
            [
                text.encode("utf-16"),
                text.encode("utf-16-le"),
                text.encode("utf-32"),
                b"\xef\xbb\xbf" + request.body,
                request.body[: chance.randrange(len(request.body))],
                gzip.compress(request.body, mtime=0),
                request.body.replace(b"e", b"\xe9", 1),
                request.body + b"\0",
                b"[" + b",".join([request.body] * 60) + b"]",
            ]
        ),
    )


def other_method(request: Request, chance: random.Random) -> Request:
    """The same with another verb."""
    method = chance.choice(ATTACKS["methods"])
    return replace(request, method=method, route=f"{method} {request.route.partition(' ')[2]}")


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")
