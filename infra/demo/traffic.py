"""Sends the demo's visits through HTTP, the way a page, its script and its pixels do, and counts along."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from queue import SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from infra.demo.visits import Course, Kind, Visit
from infra.errors import InfraError

THREADS = 6
EXPERIMENT = "headline"
GOALS = ("signup", "buy")
HEAD_START = 2000
"""Milliseconds between the enabling of the experiment and the first visitor."""
Event = dict[str, Any]


@dataclass
class Sent:
    """What the report must say: by variation its visitors, by (variation, goal) conversions and sums."""

    visitors: Counter[str] = field(default_factory=Counter)
    conversions: Counter[tuple[str, str]] = field(default_factory=Counter)
    sums: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    kinds: Counter[Kind] = field(default_factory=Counter)
    requests: int = 0
    excluded: int = 0
    """Bots' requests that name the experiment."""

    def add(self, visit: Visit, variation: str, requests: int) -> None:
        self.kinds[visit.kind] += 1
        self.requests += requests
        if visit.kind is Kind.BOT:
            self.excluded += 2 if visit.repeats else 1
        if visit.kind is not Kind.HUMAN:
            return
        self.visitors[variation] += 1
        if visit.signs_up(variation) and visit.course is not Course.TOO_EARLY:
            for goal, price in goals_of(visit):
                key = (variation, goal)
                self.conversions[key] += 1
                self.sums[key] = self.sums.get(key, Decimal(0)) + Decimal(price or 0)


def goals_of(visit: Visit) -> list[tuple[str, str | None]]:
    """Goals with their values; a pixel carries none, so a purchase is told by the script."""
    signup, buy = GOALS
    return [(signup, None)] + ([(buy, visit.price)] if visit.price else [])


IDLE_SECONDS = 2.0
"""A server may close a connection that lies idle; the next request on it would fail."""


class Line:
    """One kept-alive connection, opened again when it lay idle for long."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._used_at = time.monotonic()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> bytes:
        """The answer's body; an answer of 300 and above is an error."""
        return self.exchange(method, path, headers, body)[0]

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """The same with the answer's headers."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            self._connection.close()
        self._used_at = time.monotonic()
        try:
            self._connection.request(method, self._path + path, body, dict(headers))
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise InfraError(f"{method} {path}: {error!r}") from error
        if answer.status >= 300:
            raise InfraError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content, dict(answer.getheaders())


class Browser:
    """One visitor's requests; times are told as ages, since a browser's clock is not trusted."""

    def __init__(self, line: Line, visit: Visit, enabled_at: float) -> None:
        """`enabled_at`: when the experiment was known to be enabled, by the monotonic clock."""
        self._line = line
        self._visit = visit
        self._token = visit.visitor
        self._enabled_at = enabled_at
        self.requests = 0

    def go(self) -> str:
        """Visit the page; answers the variation that was shown."""
        shown = json.loads(self._request("GET", f"/e/assign?experiments={EXPERIMENT}&visitor={self._token}"))
        self._token = shown["visitor"]
        assignment = shown["assignments"][EXPERIMENT]
        variation = str(assignment["variation"])
        if self._visit.kind is Kind.SILENT:
            self._pixel()
            return variation
        seen = {"experiment": EXPERIMENT, "variation": variation, "phase": assignment.get("phase")}
        self._news(seen, [] if not self._visit.signs_up(variation) else goals_of(self._visit))
        return variation

    def _news(self, seen: Event, goals: list[tuple[str, str | None]]) -> None:
        match self._visit.course:
            case Course.TOGETHER:
                self._collect(self._here(seen, 60), self._reached(goals, 0))
            case Course.IN_TURN:
                self._collect(self._here(seen, 0))
                self._tell(goals)
            case Course.REVERSED:
                self._tell(goals)
                self._collect(self._here(seen, self._age()))
            case Course.TOO_EARLY:
                self._collect(self._reached(goals, 800))
                self._collect(self._here(seen, 0))

    def _tell(self, goals: list[tuple[str, str | None]]) -> None:
        if goals and self._visit.by_pixel:
            self._pixel()
            goals = goals[1:]
        self._collect(self._reached(goals, 0))

    def _here(self, seen: Event, age: int) -> list[Event]:
        return [self._event("confirm", age), self._event("enroll", age, **seen)]

    def _reached(self, goals: list[tuple[str, str | None]], age: int) -> list[Event]:
        return [self._event("goal", age, f"goal-{goal}", goal=goal, value=value) for goal, value in goals]

    def _event(self, kind: str, age: int, name: str = "", **fields: Any) -> Event:
        told = {key: value for key, value in fields.items() if value is not None}
        return {"type": kind, "id": f"{self._visit.visitor}-{name or kind}", "age": age, **told}

    def _age(self) -> int:
        """Milliseconds, to an instant right after the experiment was enabled and before anybody came.

        Not to the visitor's own first request: an answer that takes its time on a busy machine
        would move the enrolment behind a goal that has arrived.
        """
        return int((time.monotonic() - self._enabled_at) * 1000) - HEAD_START // 2

    def _collect(self, *batches: list[Event]) -> None:
        events = [event for batch in batches for event in batch]
        if events:
            body = json.dumps({"visitor": self._token, "events": events}).encode()
            self._request("POST", "/e/collect", {"Content-Type": "text/plain;charset=UTF-8"}, body)

    def _pixel(self) -> None:
        self._request("GET", "/e/goal/signup", {"Cookie": f"leansplit={self._token}"})

    def _request(
        self, method: str, path: str, more: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Any:
        headers = {"User-Agent": self._visit.user_agent, "Accept": "*/*", **(more or {})}
        for _ in range(2 if self._visit.repeats else 1):
            answer = self._line.send(method, path, headers, body)
            self.requests += 1
        return answer


def run(url: str, visits: list[Visit], enabled_at: float, tick: Callable[[], object]) -> Sent:
    """Send all visits over a few connections; `tick` is called after each."""
    time.sleep(max(0.0, enabled_at + HEAD_START / 1000 - time.monotonic()))
    lines: SimpleQueue[Line] = SimpleQueue()
    for _ in range(THREADS):
        lines.put(Line(url))

    def one(visit: Visit) -> tuple[Visit, str, int]:
        line = lines.get()
        try:
            browser = Browser(line, visit, enabled_at)
            variation = browser.go()
        finally:
            lines.put(line)
        tick()
        return visit, variation, browser.requests

    sent = Sent()
    with ThreadPoolExecutor(THREADS) as pool:
        for visit, variation, requests in pool.map(one, visits):
            sent.add(visit, variation, requests)
    return sent


def warm_up(url: str) -> None:
    """As many Lambda workers as there will be connections, started before anybody waits for them."""

    def one(_: int) -> None:
        line = Line(url)
        for _ in range(3):
            line.send(
                "GET", f"/e/assign?experiments={EXPERIMENT}", {"User-Agent": "warm-up", "Accept": "*/*"}
            )

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(one, range(THREADS)))
