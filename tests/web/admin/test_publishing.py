"""Every change of a definition is published at once, from the admin API."""

import pytest

from chalicelib import config, wiring
from chalicelib.services.experiments import lifecycle
from chalicelib.storage.files.objects import MemoryObjects
from tests.web.client import ADMIN, Site

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
