"""The application in this process: on a store in memory, behind the local gateway, its log caught."""

import importlib
import os
import pickle
import time
from collections.abc import Mapping
from contextlib import ExitStack, redirect_stdout
from types import TracebackType
from typing import Any, Self
from unittest import mock

from bench.hostile.caught_log import CaughtLog
from bench.hostile.night import NIGHT, night
from bench.hostile.request import Request, environ_of
from bench.hostile.strict_store import StrictStore
from bench.hostile.tables import Texts
from bench.hostile.target import Answer
from chalicelib import config, wiring
from chalicelib.domain.instant import DAY, SECOND, Instant, parse_at
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import MemoryObjects
from infra.local.gateway import Gateway

NOW = parse_at("2026-03-10T12:00:00Z")
KEYS = {"admin": "an-admin-key-of-the-bench", "server": "a-server-key-of-the-bench"}
ENVIRONMENT = {
    "VISITORS_TABLE": "visitors",
    "LEANSPLIT_TABLE": "leansplit",
    "REPORTS_BUCKET": "reports",
    "SITE_BUCKET": "site",
    "ADMIN_KEYS": KEYS["admin"],
    "SERVER_KEYS": KEYS["server"],
    "TOKEN_KEYS": "a-token-key-that-signs-here",
    "DEFINITIONS_SECONDS": "0",
}
VARIANTS: tuple[dict[str, str], ...] = (
    {},
    {"ALLOWED_ORIGINS": "https://shop.example,pk-1=https://other.example", "COOKIE_DOMAIN": "shop.example"},
    {"AUTO_CREATE_GOALS": "1"},
    {"DEVELOPMENT": "1"},
)
"""Settings beside those of the environment; each reset takes the next."""

BUILT = {"leansplit.js": b"1", "leansplit.mjs": b"2", "leansplit.js.map": b'{"mappings":""}'}


class World:
    """A target. Its clock advances by a second with each request; nothing sleeps."""

    keys: Mapping[str, str] = KEYS
    development = False

    def __init__(self) -> None:
        self.store, self._now = StrictStore(), NOW
        self._files, self._site = MemoryObjects(), MemoryObjects()
        self._texts, self._stack = Texts(), ExitStack()

    def __enter__(self) -> Self:
        enter = self._stack.enter_context
        enter(mock.patch.dict(os.environ, ENVIRONMENT))
        config.settings.cache_clear()
        self._stack.callback(config.settings.cache_clear)
        for name, value in self._wired().items():
            enter(mock.patch.object(wiring, name, value))
        enter(mock.patch("time.sleep"))
        self.app = importlib.import_module("app").app
        self._gateway = Gateway(self.app, self.app.routes)
        enter(redirect_stdout(enter(open(os.devnull, "w", encoding="utf-8"))))
        self._log = enter(CaughtLog())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stack.close()

    def remember(self) -> None:
        """What `reset` goes back to: the tables as they are now, after a night."""
        night("first")
        self._snapshot = pickle.dumps((vars(self.store), self._files, self._site))

    def reset(self, variant: int) -> None:
        """See Target."""
        tables, files, site = pickle.loads(self._snapshot)
        vars(self.store).update(tables)
        vars(self._files).update(vars(files))
        vars(self._site).update(vars(site))
        self._now, self._texts = NOW, Texts()
        for name in {name for each in VARIANTS for name in each}:
            os.environ.pop(name, None)
        os.environ.update(VARIANTS[variant % len(VARIANTS)])
        config.settings.cache_clear()
        self.development = config.settings().development
        wiring.definitions(fresh=True)

    def tables(self) -> Mapping[str, str]:
        """See Target."""
        return self._texts.of(self.store)

    def send(self, request: Request) -> Answer:
        """See Target."""
        if request is NIGHT:
            return self._night()
        self._now += SECOND
        told: dict[str, Any] = {}

        def start(*line: Any) -> Any:
            told["line"] = line

        begun = time.process_time()
        try:
            body = b"".join(self._gateway(environ_of(request), start))
        except Exception:  # noqa: BLE001 what leaves the handler, or what no gateway can pass on, is a 502
            self._log.note_current()
            told, body = {"line": ("502", [])}, b""
        seconds = time.process_time() - begun
        headers = {name.lower(): value for name, value in told["line"][1]}
        return Answer(int(told["line"][0][:3]), headers, body, self._log.taken(), seconds)

    def _night(self) -> Answer:
        self._now += DAY
        problems = [*night(str(self._now)), *self._log.taken()]
        return Answer(500 if problems else 204, {}, b"", tuple(problems))

    def _wired(self) -> dict[str, Any]:
        return {
            "store": lambda: self.store,
            "report_files": lambda: JsonFiles(self._files),
            "site_files": lambda: self._site,
            "built_snippet": lambda: BUILT,
            "now": self._clock,
            "invoke_recount": lambda job_id, segment: None,
        }

    def _clock(self) -> Instant:
        return self._now
