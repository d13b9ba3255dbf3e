"""A proxy between the application and the AWS emulator that fails on purpose."""

import http.client
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tests.faults.faulty import CONFLICT, DONE_BUT_LOST

_PREFIX = "com.amazonaws.dynamodb.v20120810#"
Decide = Callable[[str], str | None]
"""The kind of fault for an operation, or None; asked for every request."""


class Proxy:
    """Answers on a loopback port while it is entered; `decide` may be set at any time."""

    def __init__(self, target: str) -> None:
        self.decide: Decide = lambda operation: None
        self.happened: list[tuple[str, str]] = []
        self.target = urlsplit(target)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.proxy = self  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        """What AWS_ENDPOINT_URL is set to."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def kind_for(self, operation: str) -> str | None:
        """How a request fails, if it does."""
        kind = self.decide(operation)
        if kind is not None:
            self.happened.append((operation, kind))
        return kind

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        proxy: Proxy = self.server.proxy  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = _operation(self.command, self.headers.get("X-Amz-Target"))
        kind = proxy.kind_for(operation)
        if kind is None:
            self._answer(*_forward(proxy.target, self, body))
        elif kind == DONE_BUT_LOST:
            _forward(proxy.target, self, body)
            self.close_connection = True
            self.connection.close()
        else:
            self._answer(*_failure(operation, kind))

    def _answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        length = str(len(data))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing: the tests say what matters."""

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass


def _operation(method: str, target: str | None) -> str:
    return target.partition(".")[2] if target else f"S3 {method}"


def _forward(
    target: SplitResult, request: BaseHTTPRequestHandler, body: bytes
) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=30)
    try:
        connection.request(request.command, request.path, body, dict(request.headers))
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


def _failure(operation: str, kind: str) -> tuple[int, list[tuple[str, str]], bytes]:
    if operation.startswith("S3"):
        code = "ConditionalRequestConflict" if kind == CONFLICT else "SlowDown"
        text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>on purpose</Message></Error>"
        return (409 if kind == CONFLICT else 503), [("Content-Type", "application/xml")], text.encode()
    if kind != CONFLICT:
        code, more = "ProvisionedThroughputExceededException", {}
    elif operation == "TransactWriteItems":
        reasons = [{"Code": "TransactionConflict", "Message": "on purpose"}]
        code, more = "TransactionCanceledException", {"CancellationReasons": reasons}
    else:
        code, more = "TransactionConflictException", {}
    said = {"__type": _PREFIX + code, "message": f"{code} [TransactionConflict]", **more}
    return 400, [("Content-Type", "application/x-amz-json-1.0")], json.dumps(said).encode()
