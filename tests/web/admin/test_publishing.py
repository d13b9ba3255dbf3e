"""Every change of a definition is published at once, from the admin API."""

from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.domain.instant import DAY, HOUR, iso_at
from chalicelib.services.experiments import lifecycle
from chalicelib.services.experiments.publish import config_script
from chalicelib.services.tracking.fold import waiting
from chalicelib.storage.files.objects import MemoryObjects
from chalicelib.web.jobs import fold
from tests.web.client import ADMIN, NOW, Site
from tests.web.test_jobs import EVENT, Context

BUILT = {"leansplit.js": b"1", "leansplit.mjs": b"2", "leansplit.js.map": b'{"mappings":"A"}'}


@pytest.fixture
def files(site: Site, monkeypatch: pytest.MonkeyPatch) -> MemoryObjects:
    made = MemoryObjects()
    monkeypatch.setenv("SITE_BUCKET", "site")
    config.settings.cache_clear()
    monkeypatch.setattr(wiring, "site_files", lambda: made)
    monkeypatch.setattr(wiring, "built_snippet", lambda: BUILT)
    return made


def test_each_change_is_in_the_script_when_the_answer_comes(site: Site, files: MemoryObjects) -> None:
    site.load({"name": "headline"})
    assert b'"show":"control"' in files.files["leansplit.js"]
    steps = [("enable", {}, b'"phase":1'), ("promote", {"variation": "test"}, b'"show":"test"')]
    steps += [("disable", {}, b'"show":"control"')]
    for step, body, expected in steps:
        assert site.post(f"/admin/experiments/headline/{step}", body, ADMIN).status == 200

        assert expected in files.files["leansplit.js"], step
    site.post("/admin/experiments", {"name": "colour"}, ADMIN)
    assert b'"colour"' in files.files["leansplit.config.js"]


def test_a_change_in_the_meantime_is_not_overwritten(
    site: Site, files: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another operator's change lands while the first one is being published."""
    site.load({"name": "headline", "state": "enabled"}, {"name": "colour"})
    put = files.put

    def put_late(*args: str) -> None:
        lifecycle.enable(site.store, "colour", site.now)
        put(*args)

    monkeypatch.setattr(files, "put", put_late)
    site.post("/admin/experiments/headline/promote", {"variation": "test"}, ADMIN)

    assert b'"colour":{"keys":["control","test"],"seed"' in files.files["leansplit.js"]


def test_it_can_be_published_once_more(site: Site, files: MemoryObjects) -> None:
    site.load({"name": "headline"})
    files.files.clear()
    assert site.post("/admin/publish", {}, ADMIN).status == 200

    assert "leansplit.js" in files.files
    assert site.post("/admin/publish", {}, "no-key-of-an-operator").status == 401


class Away(MemoryObjects):
    """S3, which may be away."""

    away = False

    def put_newer(self, *args: Any) -> bool:
        if self.away:
            raise OSError("S3 is away")
        return super().put_newer(*args)

    def get(self, key: str) -> bytes | None:
        if self.away:
            raise OSError("S3 is away")
        return super().get(key)


@pytest.fixture
def fragile(files: MemoryObjects, monkeypatch: pytest.MonkeyPatch) -> Away:
    made = Away()
    monkeypatch.setattr(wiring, "site_files", lambda: made)
    return made


CHANGES = [
    ("POST", "/admin/experiments", {"name": "colour"}, 201),
    ("POST", "/admin/definitions", [{"name": "colour"}], 200),
    ("PATCH", "/admin/experiments/headline", {"weights": [1, 3]}, 200),
    ("POST", "/admin/experiments/headline/enable", {}, 200),
    ("POST", "/admin/experiments/headline/promote", {"variation": "test"}, 200),
    ("POST", "/admin/experiments/headline/disable", {}, 200),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), CHANGES)
def test_a_change_that_cannot_be_published_says_so_and_the_next_minute_publishes_it(
    site: Site, fragile: Away, method: str, path: str, body: Any, status: int
) -> None:
    site.load({"name": "headline"})
    fragile.away = True
    answer = site.send(method, path, body, ADMIN)
    with pytest.raises(OSError, match="away"):
        fold(EVENT, Context())
    fragile.away = False
    fold(EVENT, Context())

    assert (answer.status, answer.body["published"]) == (status, False)
    assert fragile.get("leansplit.config.js") == config_script(site.store.definitions(), site.now)
    assert site.send("POST", "/admin/experiments/headline/enable", {}, ADMIN).body["published"] is True


def test_nothing_was_changed_when_publishing_again_fails_so_that_is_an_error(
    site: Site, fragile: Away
) -> None:
    fragile.away = True

    assert site.post("/admin/publish", {}, ADMIN).status == 500


def test_without_a_site_there_is_nothing_to_publish(site: Site) -> None:
    assert site.post("/admin/experiments", {"name": "colour"}, ADMIN).body["published"] is True
    fold(EVENT, Context())


def test_a_start_and_an_end_that_come_are_published_within_the_minute(
    site: Site, files: MemoryObjects
) -> None:
    dates = {"started_at": iso_at(NOW + DAY), "ended_at": iso_at(NOW + 2 * DAY)}
    site.load({"name": "headline", "state": "enabled", **dates})
    seen = []
    for at in (NOW, NOW + DAY, NOW + 2 * DAY):
        site.now = at
        fold(EVENT, Context())
        seen.append(b'"phase":1' in files.files["leansplit.js"])

    assert seen == [False, True, False]


def test_where_all_is_published_a_minute_costs_one_small_read(
    site: Site, files: MemoryObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.load({"name": "headline"})
    read: list[str] = []
    get = files.get
    monkeypatch.setattr(files, "get", lambda key: read.append(key) or get(key))
    monkeypatch.setattr(files, "put_newer", None)
    monkeypatch.setattr(wiring, "built_snippet", None)
    fold(EVENT, Context())

    assert read == ["leansplit.config.js"]


def test_publishing_that_fails_keeps_nothing_from_being_folded_nor_the_other_way_round(
    site: Site, fragile: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.load({"name": "headline"})
    fragile.away = True
    assert site.send("POST", "/admin/experiments/headline/enable", {}, ADMIN).body["published"] is False
    robot = {"User-Agent": "Googlebot/2.1"}
    site.post("/e/collect", {"events": []}, None, **robot)
    site.now += HOUR
    with pytest.raises(OSError, match="away"):
        fold(EVENT, Context())
    assert (
        sum(waiting(site.store, [each], site.now + 1) for each in site.store.definitions().trackers.values())
        == 0
    )
    fragile.away = False
    monkeypatch.setattr(site.store, "pending", None)
    with pytest.raises(TypeError):
        fold(EVENT, Context())

    assert b'"phase":1' in fragile.files["leansplit.js"]


@pytest.mark.parametrize(
    "body", [{"experiments": [{"name": "x"}], "trackers": 3}, {"trackers": [], "experiments": {}}]
)
def test_a_file_of_a_wrong_shape_is_refused_whole(site: Site, body: Any) -> None:
    answer = site.post("/admin/definitions", body, ADMIN)

    assert (answer.status, answer.body["field"]) in [(400, "trackers"), (400, "experiments")]
    assert site.store.definitions().number == 0


def test_a_bad_tracker_of_a_file_is_a_warning(site: Site) -> None:
    body = {"experiments": [{"name": "x"}], "trackers": [{"name": "no kind"}]}
    answer = site.post("/admin/definitions", body, ADMIN)

    assert (answer.status, answer.body["added"], answer.body["trackers"]) == (200, ["x"], [])
    assert answer.body["warnings"][0].startswith("trackers[0].")
