"""The application called as API Gateway calls it, on a store in memory and a clock that stands."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from chalice.test import Client

from chalicelib import config, wiring
from chalicelib.domain.instant import Instant, parse_at
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.storage.memory.store import MemoryStore
from tests.contract import check, check_sent

NOW = parse_at("2026-03-10T12:00:00Z")
ADMIN = "an-admin-key-for-tests"
SERVER = "a-server-key-for-tests"
TOKENS = "a-token-key-that-signs-in-tests"
ENVIRONMENT = {
    "VISITORS_TABLE": "visitors",
    "LEANSPLIT_TABLE": "leansplit",
    "REPORTS_BUCKET": "reports",
    "ADMIN_KEYS": ADMIN,
    "SERVER_KEYS": SERVER,
    "TOKEN_KEYS": TOKENS,
    "DEFINITIONS_SECONDS": "0",
}


@dataclass
class Answer:
    """What came back; `body` is its JSON where there is any, `raw` what was sent."""

    status: int
    headers: Mapping[str, str]
    body: Any
    raw: bytes


class Site:
    """A site that calls the application; `now` is moved by hand. Every answer must be as documented,
    and so must every body that is taken."""

    def __init__(self, client: Client) -> None:
        self.now: Instant = NOW
        self.store = MemoryStore()
        self.files = JsonFiles(MemoryObjects())
        self._http = client.http

    def post(self, path: str, body: Any, key: str | None = SERVER, **headers: str) -> Answer:
        return self.send("POST", path, body, key, **headers)

    def send(
        self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> Answer:
        sent = {"Content-Type": "application/json", **headers}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self._http.request(method, path, headers=sent, body=b"" if body is None else data)
        check(method, path, answer.status_code, answer.headers, answer.body)
        text = answer.body.decode("utf-8", "replace")
        parsed = json.loads(text) if text[:1] in "{[" and text else None
        if not isinstance(body, bytes):
            check_sent(method, path, answer.status_code, body, parsed)
        return Answer(answer.status_code, answer.headers, parsed, answer.body)

    def load(self, *experiments: dict[str, Any]) -> None:
        assert self.post("/admin/definitions", list(experiments), ADMIN).status == 200


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    import app

    with Client(app.app) as client:
        made = Site(client)
        monkeypatch.setattr(wiring, "store", lambda: made.store)
        monkeypatch.setattr(wiring, "report_files", lambda: made.files)
        monkeypatch.setattr(wiring, "now", lambda: made.now)
        wiring.definitions(fresh=True)
        yield made
    config.settings.cache_clear()
