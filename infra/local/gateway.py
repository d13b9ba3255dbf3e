"""API Gateway in a few lines: a WSGI application that calls a Lambda handler with REST proxy events."""

import base64
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

Handler = Callable[[dict[str, Any], object], dict[str, Any]]
UNKNOWN_ROUTE = b'{"error":"there is no such address: see the routes in the README"}'
"""What infra/app.yaml makes of API Gateway's "Missing Authentication Token"."""

PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass
class Context:
    """What Lambda hands over beside the event."""

    function_name: str = "leansplit-local"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:leansplit-local"
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Gateway:
    """Not for threads: a Lambda worker, like a Chalice application, serves one request at a time."""

    def __init__(self, handler: Handler, routes: Mapping[str, Iterable[str]]) -> None:
        """`routes` are resource paths such as `/e/goal/{goal}`, each with its methods."""
        self._handler = handler
        self._routes = [(pattern_of(path), path, frozenset(methods)) for path, methods in routes.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        found = self._match(path, environ["REQUEST_METHOD"])
        if found is None:
            return answer(start_response, 404, {}, UNKNOWN_ROUTE)
        resource, parameters = found
        event = event_of(environ, path, resource, parameters)
        return respond(self._handler(event, Context()), "HTTP_ACCEPT" in environ, start_response)

    def _match(self, path: str, method: str) -> tuple[str, dict[str, str]] | None:
        for pattern, resource, methods in self._routes:
            match = pattern.fullmatch(path)
            if match and method in methods:
                return resource, match.groupdict()
        return None


def pattern_of(resource: str) -> re.Pattern[str]:
    return re.compile(PARAMETER.sub(r"(?P<\1>[^/]+)", resource.rstrip("/")) + "/?")


def event_of(
    environ: WSGIEnvironment, path: str, resource: str, parameters: dict[str, str]
) -> dict[str, Any]:
    """The event of a REST API whose binary media types are `*/*`: every body comes as base64."""
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    headers = headers_of(environ)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return {
        "resource": resource,
        "path": path,
        "httpMethod": environ["REQUEST_METHOD"],
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": parameters or None,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": environ["REQUEST_METHOD"],
            "path": path,
            "stage": "api",
            "requestId": str(uuid.uuid4()),
            "identity": {"sourceIp": environ.get("REMOTE_ADDR"), "userAgent": headers.get("User-Agent")},
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def headers_of(environ: WSGIEnvironment) -> dict[str, str]:
    named = {key[5:]: value for key, value in environ.items() if key.startswith("HTTP_")}
    named |= {key: environ[key] for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(key)}
    named["X_FORWARDED_FOR"] = str(environ.get("REMOTE_ADDR"))
    return {key.replace("_", "-").title(): str(value) for key, value in named.items()}


def respond(result: dict[str, Any], accepts: bool, start_response: StartResponse) -> list[bytes]:
    """Base64 is decoded only for a caller that says what it accepts, as API Gateway does."""
    body = result.get("body") or ""
    content = base64.b64decode(body) if accepts and result.get("isBase64Encoded") else body.encode()
    headers: dict[str, Any] = {**(result.get("headers") or {}), **(result.get("multiValueHeaders") or {})}
    return answer(start_response, result["statusCode"], headers, content)


def answer(
    start_response: StartResponse, status: int, headers: Mapping[str, str | list[str]], content: bytes
) -> list[bytes]:
    """One header line per value; JSON unless the headers say otherwise, like API Gateway."""
    lines = [
        (name, str(value))
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]
    if not any(name.lower() == "content-type" for name, _ in lines) and content:
        lines.append(("Content-Type", "application/json"))
    start_response(f"{status} {HTTPStatus(status).phrase}", lines)
    return [content]
