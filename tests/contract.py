"""Whether an answer is what docs/openapi.json says: the status, the headers, the body."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DOCUMENT = json.loads((Path(__file__).parents[1] / "docs" / "openapi.json").read_text())
_TRANSPORT = {"content-type", "content-length"}
_PLACES = [
    (place, re.compile(re.sub(r"\{\w+\}", "[^/]+", place)), methods.keys())
    for place, methods in sorted(DOCUMENT["paths"].items(), key=lambda each: each[0].count("{"))
]


def check(method: str, path: str, status: int, headers: Mapping[str, Any], body: bytes) -> None:
    """AssertionError with all that is not."""
    found = problems(method, path, status, headers, body)
    if found:
        raise AssertionError("\n".join(found))


def check_sent(method: str, path: str, status: int, sent: Any, answer: Any) -> None:
    """AssertionError for a body that was taken, all of it, and that the document does not allow.

    A change may send whatever is shown, also what today's rules refuse.
    """
    place = place_of(method, path)
    body = DOCUMENT["paths"][place][method.lower()].get("requestBody") if place else None
    if body is None or sent is None or method == "PATCH":
        return
    if status not in (200, 201, 202) or not _is_taken(answer):
        return
    pointer = f"#/paths/{_escaped(str(place))}/{method.lower()}/requestBody/content/application~1json/schema"
    found = _errors(pointer, sent, "what was sent")
    if found:
        raise AssertionError("\n".join([f"{method} {place} took what is not documented", *found]))


def _is_taken(answer: Any) -> bool:
    """Whether nothing of it was left out."""
    results = answer.get("results", []) if isinstance(answer, dict) else []
    statuses = [each["status"] for each in results] if isinstance(results, list) else []
    return not answer.get("warnings") and all(each in (200, "accepted") for each in statuses)


def problems(method: str, path: str, status: int, headers: Mapping[str, Any], body: bytes) -> list[str]:
    """What of an answer is not documented, or not as documented."""
    place = place_of(method, path)
    if place is None:
        # Chalice's client says 405 where API Gateway says 404.
        return [] if status in (403, 404, 405) else [f"{method} {path} is not documented"]
    responses = DOCUMENT["paths"][place][method.lower()]["responses"]
    if str(status) not in responses:
        return [f"{method} {place}: {status} is not documented"]
    pointer = f"#/paths/{_escaped(place)}/{method.lower()}/responses/{status}"
    response = responses[str(status)]
    if "$ref" in response:
        pointer = response["$ref"]
        response = DOCUMENT["components"]["responses"][pointer.rpartition("/")[2]]
    found = _of_headers(response.get("headers", {}), headers, pointer)
    found += _of_body(response.get("content", {}), headers, body, pointer)
    return [f"{method} {place} {status}: {each}" for each in found]


def place_of(method: str, path: str) -> str | None:
    """The path of the document that a path is of; fixed ones before those with parameters."""
    bare, name = path.partition("?")[0], method.lower()
    found = (place for place, pattern, methods in _PLACES if name in methods and pattern.fullmatch(bare))
    return next(found, None)


def _of_headers(documented: Mapping[str, Any], headers: Mapping[str, Any], pointer: str) -> list[str]:
    told = {name.lower(): value for name, value in headers.items()}
    known = {name.lower(): name for name in documented}
    found = [f"header {name} is not documented" for name in told if name not in {*known, *_TRANSPORT}]
    for lower, name in known.items():
        if lower not in told:
            found += [f"header {name} is missing"] if documented[name]["required"] else []
        else:
            found += _errors(f"{pointer}/headers/{_escaped(name)}/schema", told[lower], name)
    return found


def _of_body(content: Mapping[str, Any], headers: Mapping[str, Any], body: bytes, pointer: str) -> list[str]:
    if not content:
        return [f"a body that is not documented: {body[:80]!r}"] if body else []
    told = {name.lower(): value for name, value in headers.items()}
    kind = told.get("content-type", "application/json").partition(";")[0]
    if kind not in content:
        return [f"the content type {kind} is not documented"]
    if "schema" not in content[kind]:
        return []
    text = body.decode()
    value = json.loads(text) if kind == "application/json" else text
    return _errors(f"{pointer}/content/{_escaped(kind)}/schema", value, "body")


def _errors(pointer: str, value: Any, what: str) -> list[str]:
    return [
        f"{what} {each.json_path}: {each.message[:200]}" for each in _validator(pointer).iter_errors(value)
    ]


@cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({**DOCUMENT, "$ref": pointer})


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


REPORT = json.loads((Path(__file__).parents[1] / "docs" / "report.schema.json").read_text())


def report_problems(value: Any, definition: str = "") -> list[str]:
    """What of a report is not as docs/report.schema.json says, or of another of its definitions."""
    return [
        f"{each.json_path}: {each.message[:200]}" for each in _report_validator(definition).iter_errors(value)
    ]


@cache
def _report_validator(definition: str) -> Draft202012Validator:
    if not definition:
        return Draft202012Validator(REPORT)
    return Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": REPORT["$defs"]})
