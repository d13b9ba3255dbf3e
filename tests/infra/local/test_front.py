"""The development front door: what a CDN would do before it asks the API."""

import base64
import io
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from infra.local.front import Front
from infra.local.gateway import Gateway

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
CHROMIUM = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"
SAFARI = "image/webp,image/avif,image/jxl,image/heic,video/*;q=0.8,image/png,image/*;q=0.8,*/*;q=0.5"


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    body = base64.b64encode(GIF).decode()
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "image/gif"},
        "body": body,
        "isBase64Encoded": True,
    }


@pytest.mark.parametrize("accept", [None, "*/*", "image/*", CHROMIUM, SAFARI])
def test_the_pixel_arrives_byte_for_byte_whatever_is_accepted(accept: str | None) -> None:
    environ: dict[str, Any] = {"PATH_INFO": "/e/goal/buy", "wsgi.input": io.BytesIO()}
    environ |= {} if accept is None else {"HTTP_ACCEPT": accept}
    setup_testing_defaults(environ)
    front = Front(Gateway(handler, {"/e/goal/{goal}": ["GET"]}), None)  # type: ignore[arg-type]

    assert b"".join(front(environ, lambda *said: None)) == GIF  # type: ignore[arg-type]
