"""The stand-in for API Gateway: what goes in and comes out is what the real one does."""

import base64
import io
from typing import Any
from wsgiref.util import setup_testing_defaults

from chalice.app import Blueprint, Chalice, Response

from infra.local.gateway import Gateway

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")

app = Chalice(app_name="gateway-test")
app.api.binary_types = ["*/*"]
routes = Blueprint(__name__)


@routes.route("/e/goal/{goal}")
def goal(goal: str) -> Response:
    query = routes.current_request.query_params or {}
    headers = {"Content-Type": "image/gif", "X-Goal": goal, "X-Visitor": query.get("visitor", "none")}
    return Response(PIXEL, headers={**headers, "Set-Cookie": ["a=1", "b=2"]})


@routes.route("/e/collect", methods=["POST"], content_types=["text/plain", "application/json"])
def collect() -> Response:
    request = routes.current_request
    told = {"body": request.raw_body.decode(), "cookie": request.headers.get("cookie")}
    return Response(told, status_code=201)


app.register_blueprint(routes)


def ask(
    method: str, path: str, body: bytes = b"", **environ: str
) -> tuple[str, list[tuple[str, str]], bytes]:
    given: dict[str, Any] = {"REQUEST_METHOD": method, "wsgi.input": io.BytesIO(body), "HTTP_ACCEPT": "*/*"}
    given |= {"PATH_INFO": path, "CONTENT_LENGTH": str(len(body)), **environ}
    setup_testing_defaults(given)
    said: list[Any] = []
    content = b"".join(Gateway(app, app.routes)(given, lambda *words: said.extend(words)))  # type: ignore[arg-type]
    return said[0], said[1], content


def test_binary_answers_arrive_as_they_were() -> None:
    status, headers, content = ask("GET", "/e/goal/buy")

    assert (status, content) == ("200 OK", PIXEL)
    assert ("Content-Type", "image/gif") in headers


def test_each_value_of_a_header_gets_its_line() -> None:
    _, headers, _ = ask("GET", "/e/goal/buy")

    assert [line for line in headers if line[0] == "Set-Cookie"] == [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
    ]


def test_path_and_query_are_taken_apart() -> None:
    _, headers, _ = ask("GET", "/e/goal/buy", QUERY_STRING="visitor=a%2Fb")

    assert ("X-Goal", "buy") in headers
    assert ("X-Visitor", "a/b") in headers


def test_a_body_and_the_cookies_reach_the_handler() -> None:
    status, _, content = ask(
        "POST", "/e/collect", "ü".encode(), CONTENT_TYPE="text/plain", HTTP_COOKIE="x=1; y=2"
    )

    assert status == "201 Created"
    assert content == '{"body":"ü","cookie":"x=1; y=2"}'.encode() or b"\\u00fc" in content


def test_what_the_api_does_not_know_is_not_found_in_our_own_form() -> None:
    for method, path in (("GET", "/e/other"), ("PUT", "/e/goal/buy"), ("GET", "/e/goal/buy/more")):
        status, _, content = ask(method, path)

        assert status == "404 Not Found"
        assert b"no such address" in content


def test_a_caller_that_accepts_nothing_gets_binary_as_base64_like_from_api_gateway() -> None:
    given: dict[str, Any] = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x", "wsgi.input": io.BytesIO(b"")}
    setup_testing_defaults(given)
    given.pop("HTTP_ACCEPT", None)
    result = {"statusCode": 200, "body": base64.b64encode(PIXEL).decode(), "isBase64Encoded": True}
    gateway = Gateway(lambda event, context: result, {"/x": ["GET"]})

    assert b"".join(gateway(given, lambda *_: None)) == base64.b64encode(PIXEL)  # type: ignore[arg-type]
