"""Chalice, whose own refusals look like ours: `{"error": …}`."""

import json
from typing import Any

from chalice.app import Chalice

_SENTENCES = {
    405: "this method is not for this address",
    415: "the body must be JSON: send Content-Type: application/json",
}


class Application(Chalice):
    """What Lambda calls for a request."""

    def __call__(self, event: Any, context: Any) -> Any:
        """The answer of a view, or Chalice's own before any view is asked."""
        response = super().__call__(event, context)
        if isinstance(response, dict) and response.get("statusCode") in _SENTENCES:
            response["body"] = json.dumps({"error": _SENTENCES[response["statusCode"]]})
        return response
