"""Every operation is called for real, and gives every answer that the document promises and no other."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.domain.errors import Conflict, Unavailable
from chalicelib.services.reports import recount_job
from chalicelib.web.jobs import report
from infra.contract.documents import OPERATIONS
from tests.contract import place_of
from tests.infra.contract import requests
from tests.infra.contract.requests import ERASED, EVENTS, TRACKER, VISITOR, Request
from tests.web.client import ADMIN, Site, site
from tests.web.test_jobs import EVENT, PERSON, Context

__all__ = ["site"]

GATEWAY = {413, 429, 502, 504}
"""What API Gateway answers by itself."""

UNLIKELY = {
    ("POST", "/v1/pixels", 413),
    *(("GET", path, 500) for path in ("/e/goal", "/e/goal/{goal}", "/e/track/{tracker}/{object}/{field}")),
    ("POST", "/v1/pixels", 500),
}
"""What only Chalice or the Lambda itself could answer, since our code touches nothing that may fail."""

FAULTS = (Unavailable, Conflict, KeyError)


class Broken:
    """A store that fails whatever it is asked."""

    def __init__(self, error: type[Exception]) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        def failing(*_: object, **__: object) -> None:
            raise self._error("a fault")

        return failing


@pytest.fixture
def shop(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """With an experiment, its report, trackers, and definitions that cannot be read."""
    monkeypatch.setattr(wiring, "invoke_recount", lambda *call: None)
    site.load({"name": "headline", "state": "enabled", "goals": ["buy"]})
    site.post("/admin/trackers", TRACKER, ADMIN)
    target = {"object": "product:42", "target": "https://shop.example/42"}
    site.post("/admin/trackers/products/objects", {"objects": [target]}, ADMIN)
    for visitor in (VISITOR, ERASED):
        site.post("/e/collect", {"visitor": visitor, "events": EVENTS}, None, **{"User-Agent": PERSON})
    report(EVENT, Context())
    site.post("/admin/trackers", {**TRACKER, "name": "spare"}, ADMIN)
    for kind in ("experiment", "goal", "tracker"):
        site.store.put_definition(kind, "unreadable", "{}")
    recount_job.start(site.store, "nightly-job", 1, site.now)
    return site


def call(shop: Site, request: Request, **headers: str) -> tuple[str, str, int]:
    """Sends it; `Site` checks the answer against the document."""
    method, path, body, key = request
    answer = shop.send(method, path, body, key, **{"User-Agent": PERSON, **headers})
    return method, str(place_of(method, path)), answer.status


def test_every_documented_answer_is_given_and_no_other(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    good = [each for found in requests.good().values() for each in found]
    seen = {call(shop, each) for each in good}
    seen |= {call(shop, each) for each in requests.bad()}
    seen |= {call(shop, each._replace(key=None)) for each in good}
    seen |= {call(shop, each, **{"Content-Type": "image/png"}) for each in good}
    seen |= set(_in_development(shop, monkeypatch))
    seen |= set(_round_the_front(shop, good, monkeypatch))
    for fault in FAULTS:
        monkeypatch.setattr(wiring, "store", lambda fault=fault: Broken(fault))
        # Only what writes can meet another's write.
        seen |= {call(shop, each) for each in good if fault is not Conflict or each.method != "GET"}
    promised = {
        (each.method, each.path, status)
        for each in OPERATIONS
        for status in each.given
        if status not in GATEWAY or (status == 413 and each.path.startswith("/v1/") and each.body)
    }

    assert promised - UNLIKELY - seen == set()


def _in_development(shop: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str, int]]:
    monkeypatch.setenv("DEVELOPMENT", "1")
    config.settings.cache_clear()
    yield call(shop, Request("POST", "/e/collect", {"events": [{"type": "dance"}]}, None))
    monkeypatch.setenv("DEVELOPMENT", "0")
    config.settings.cache_clear()


def _round_the_front(
    shop: Site, good: list[Request], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, str, int]]:
    monkeypatch.setenv("ORIGIN_KEYS", "only-cloudfront-knows-this")
    config.settings.cache_clear()
    yield from [call(shop, each) for each in good]
    monkeypatch.delenv("ORIGIN_KEYS")
    config.settings.cache_clear()


def test_there_is_a_request_for_every_operation() -> None:
    assert {(each.method, each.path) for each in OPERATIONS} == requests.good().keys()


def test_pages_of_other_origins_are_documented(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://shop.example")
    config.settings.cache_clear()
    answer = shop.send("GET", "/e/assign", None, None, Origin="https://shop.example")

    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
