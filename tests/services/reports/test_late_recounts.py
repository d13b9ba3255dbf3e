"""A recount that ends after one which began later changes nothing that the later one wrote."""

import json

import pytest

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.instant import HOUR, iso_day, start_of
from chalicelib.services.reports.recount import fold_page
from chalicelib.services.reports.write_reports import write_reports
from chalicelib.storage.files.json_files import JsonFiles
from tests.services.reports.test_isolation import FIRST, START, Place

EVENING = start_of(FIRST) + 23 * HOUR
NIGHT = start_of(FIRST + 1) + HOUR // 2


def counted(place, now):
    """A recount as far as its tally: its reports can be written whenever one likes."""
    tally = Tally()
    for page in place.store.visitor_pages(0, 1, now, None):
        fold_page(tally, page, rules_of(place.store.definitions()))
    return lambda: write_reports(place.store, JsonFiles(place.objects), tally, now)


@pytest.fixture
def place():
    return Place()


def test_a_recount_of_the_evening_that_ends_after_the_night_s_changes_nothing(place):
    evening = counted(place, EVENING)
    place.visit("visitor-late", EVENING + 1)
    counted(place, NIGHT)()
    files, written = dict(place.objects.files), place.store.written_reports("apple")
    run = evening()

    assert run.written == []
    assert run.failed == []
    assert place.objects.files == files
    assert place.store.written_reports("apple") == written
    assert written[iso_day(FIRST)].provisional is False


def test_a_recount_that_is_overtaken_between_its_files_and_its_table_changes_nothing(place, monkeypatch):
    """Its file lands first, the night's replaces it, and the table refuses what is older."""
    evening, save, nested = counted(place, EVENING), place.store.save_report, []

    def overtaken(*report):
        if not nested:
            nested.append(True)
            counted(place, NIGHT)()
        save(*report)

    monkeypatch.setattr(place.store, "save_report", overtaken)
    evening()
    day = iso_day(FIRST)

    for name in ("apple", "bad", "cherry"):
        held = json.loads(place.objects.files[f"reports/{name}/{day}.json"])
        assert held == place.store.load_report(name, day)
        assert held["provisional"] is False


def test_revisions_never_go_backwards(place):
    counted(place, NIGHT)()
    slow = counted(place, NIGHT + HOUR)
    place.visit("visitor-late", START + 2 * HOUR)
    counted(place, NIGHT + 2 * HOUR)()
    before = place.store.written_reports("apple")[iso_day(FIRST)]
    slow()

    assert before.revision == 2
    assert place.store.written_reports("apple")[iso_day(FIRST)] == before
