"""Chalice, whose own refusals look like ours: `{"error": …}`."""

import json
from typing import Any

from chalice.app import Chalice

_SENTENCES = {
    405: "this method is not for this address",
    415: "the body must be JSON: send Content-Type: application/json",
    500: "an internal error, which is in the log",
}
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")


class Application(Chalice):
    """What Lambda calls for a request."""

    def __call__(self, event: Any, context: Any) -> Any:
        """The answer of a view, or Chalice's own before any view is asked."""
        response = super().__call__(_without_content_type(event), context)
        sentence = _SENTENCES.get(response["statusCode"]) if _is_answer(response) else None
        if sentence is not None and '"Code"' in str(response["body"]):
            response["body"] = json.dumps({"error": sentence})
            response["headers"] = {**response["headers"], "Cache-Control": "no-store"}
        return response


def _is_answer(response: Any) -> bool:
    return isinstance(response, dict) and {"statusCode", "body", "headers"} <= set(response)


def _without_content_type(event: Any) -> Any:
    """Chalice judges the content type of every request, also where there is no body: a picture is a GET."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if not isinstance(context, dict) or context.get("httpMethod") not in _WITHOUT_BODY:
        return event
    names = ("headers", "multiValueHeaders")
    kept = {name: _kept(event[name]) for name in names if isinstance(event.get(name), dict)}
    return {**event, **kept}


def _kept(headers: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in headers.items() if name.lower() != "content-type"}
