"""The site and the API on one port, in this process: the real handler over the store in memory.

Every request is written down; a test can make the API fail, wait, or lose its answers.
"""

import io
import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from chalicelib import wiring
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.publish import publish
from chalicelib.storage.document import visitor_of
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from infra.local.gateway import Gateway

TYPES = {"js": "text/javascript", "mjs": "text/javascript", "html": "text/html", "map": "application/json"}


@dataclass
class Seen:
    """A request as the server got it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[dict[str, Any]]:
        return list(json.loads(self.body)["events"])

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for each in self.events]


@dataclass
class Fault:
    """What becomes of API requests: `status` instead of an answer, or the answer lost after it counted."""

    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    lose: bool = False
    wait: float = 0.0


class Shop:
    """A site with experiments; `pages` are HTML by path."""

    def __init__(self, app: Any, built: dict[str, bytes]) -> None:
        self.store, self.files, self.built = MemoryStore(), MemoryObjects(), built
        self.url = ""
        self.pages: dict[str, str] = {}
        self.page_headers: dict[str, str] = {}
        self.requests: list[Seen] = []
        self.fault = Fault()
        self._gateway = Gateway(app, app.routes)
        self._lock = threading.Lock()

    def define(self, *entries: dict[str, Any]) -> None:
        for entry in entries:
            lifecycle.create(self.store, entry, wiring.now())
        self.publish()

    def change(self, name: str, fields: dict[str, Any]) -> None:
        lifecycle.change(self.store, name, fields, wiring.now())
        self.publish()

    def publish(self) -> None:
        publish(self.files, self.built, wiring.definitions(fresh=True), wiring.now())

    @property
    def posts(self) -> list[Seen]:
        return [each for each in self.requests if each.path == "/e/collect" and each.method == "POST"]

    @property
    def visitors(self) -> list[Visitor]:
        return [visitor_of(name, body) for name, (body, _, _) in self.store.visitors.items()]

    def wait_for(self, true: Callable[[], object], seconds: float = 8.0) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"waited in vain; requests: {self.requests}"
            time.sleep(0.02)

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        seen = self._note(environ)
        if not seen.path.startswith(("/e/", "/v1/", "/admin/")):
            return self._file(seen.path, start_response)
        fault = self.fault
        time.sleep(fault.wait)
        if fault.status is not None:
            start_response(f"{fault.status} Fault", list(fault.headers.items()))
            return [b""]
        with self._lock:
            answer = self._gateway(environ, start_response)
        if fault.lose:
            environ["leansplit.socket"].close()
            raise ConnectionAbortedError
        return answer

    def _note(self, environ: Any) -> Seen:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        headers = {
            key[5:].lower().replace("_", "-"): value for key, value in environ.items() if key[:5] == "HTTP_"
        }
        seen = Seen(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"], headers, body)
        self.requests.append(seen)
        return seen

    def _file(self, path: str, start_response: Any) -> list[bytes]:
        if path in self.pages:
            start_response(
                "200 OK", [("Content-Type", "text/html; charset=utf-8"), *self.page_headers.items()]
            )
            return [self.pages[path].encode()]
        data = self.files.get(path.lstrip("/"))
        if data is None:
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b""]
        kind = TYPES.get(path.rsplit(".", 1)[-1], "text/plain")
        start_response("200 OK", [("Content-Type", kind), ("Access-Control-Allow-Origin", "*")])
        return [data]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that goes away is no news."""


class _Handler(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        return {**super().get_environ(), "leansplit.socket": self.connection}

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def serve(shop: Shop, certificate: Path | None = None) -> _Server:
    """Serving in a thread on a free port; with a certificate (and its key in one file), by TLS."""
    server = make_server("127.0.0.1", 0, shop, _Server, _Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake belongs to the thread of the connection: an idle one must not hold up the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
