"""The OpenAPI document, made of the operations and of what the views say of themselves."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from infra.contract.operation import JSON, Answer, Body, Header, Operation, Parameter
from infra.contract.schemas import Schema, Schemas

Views = Mapping[tuple[str, str], Callable[..., Any]]
"""Views by path and method."""

_ABOUT = """\
Split testing in your own AWS account. Browsers call `/e/…`, your servers `/v1/…` with a server key, operators
`/admin/…` with an admin key. docs/api.md explains errors, keys and clients.

CloudFront adds `Strict-Transport-Security`, `X-Content-Type-Options`, `X-Frame-Options` and `Referrer-Policy`
to the answers that lack them, and AWS WAF, if you use it, answers 403 with a page of its own."""

_SCHEMES = {
    f"{who}Key{kind}": {"description": f"one of {who.upper()}_KEYS", **scheme}
    for who in ("admin", "server")
    for kind, scheme in (
        ("", {"type": "http", "scheme": "bearer"}),
        ("Header", {"type": "apiKey", "in": "header", "name": "X-API-Key"}),
    )
}
_SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "none": [],
    "admin": [{"adminKey": []}, {"adminKeyHeader": []}],
    "server": [{"serverKey": []}, {"serverKeyHeader": []}],
    "server or none": [{}, {"serverKey": []}, {"serverKeyHeader": []}],
}


def document(operations: Sequence[Operation], views: Views) -> Schema:
    """The whole document."""
    schemas = Schemas()
    responses: dict[str, Schema] = {}
    paths: dict[str, Schema] = {}
    for operation in operations:
        found = _operation(operation, views[operation.path, operation.method], schemas, responses)
        paths.setdefault(operation.path, {})[operation.method.lower()] = found
    components = {"schemas": schemas.components(), "responses": responses, "securitySchemes": _SCHEMES}
    return {
        "openapi": "3.1.0",
        "info": {"title": "leansplit", "version": "1", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }


def _operation(
    operation: Operation, view: Callable[..., Any], schemas: Schemas, responses: dict[str, Schema]
) -> Schema:
    summary, _, rest = (inspect.getdoc(view) or "").partition("\n\n")
    about = {"summary": " ".join(summary.split()), "description": rest}
    answers = {str(status): answer for status, answer in sorted(operation.given.items())}
    found = {
        "operationId": operation.id or view.__name__,
        "tags": [operation.tag],
        **{name: text for name, text in about.items() if text},
        "security": _SECURITY[operation.key],
        "parameters": [_parameter(each, schemas) for each in operation.parameters],
        "requestBody": None if operation.body is None else _body(operation.body, schemas),
        "responses": {status: _kept(answer, schemas, responses) for status, answer in answers.items()},
    }
    return {name: value for name, value in found.items() if value is not None}


def _parameter(parameter: Parameter, schemas: Schemas) -> Schema:
    example = {"example": parameter.example} if parameter.example else {}
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.required,
        "description": parameter.description,
        "schema": schemas.of(parameter.schema),
        **example,
    }


def _body(body: Body, schemas: Schemas) -> Schema:
    schema = schemas.of(body.schema)
    as_text = {"type": "string", "contentMediaType": JSON, "contentSchema": schema}
    content = {each: {"schema": schema if each == JSON else as_text} for each in body.content_types}
    return {"required": body.required, "content": content}


def _kept(answer: Answer, schemas: Schemas, responses: dict[str, Schema]) -> Schema:
    """The answer, or a reference to the one of its name."""
    made = _answer(answer, schemas)
    if not answer.name:
        return made
    if responses.setdefault(answer.name, made) != made:
        raise ValueError(f"two answers are called {answer.name}")
    return {"$ref": f"#/components/responses/{answer.name}"}


def _answer(answer: Answer, schemas: Schemas) -> Schema:
    headers = {name: _header(each, schemas) for name, each in sorted(answer.headers.items())}
    found: Schema = {"description": answer.description}
    if headers:
        found["headers"] = headers
    content = {kind: _content(body, schemas) for kind, body in answer.bodies.items()}
    return {**found, "content": content} if content else found


def _content(body: Any, schemas: Schemas) -> Schema:
    """What is no text has no schema."""
    return {} if body is bytes else {"schema": schemas.of(body)}


def _header(header: Header, schemas: Schemas) -> Schema:
    return {
        "description": header.description,
        "required": header.always,
        "schema": schemas.of(header.schema),
    }
