"""django-lean's file of experiments in the source tree."""

import pytest

from tests.django_lean.steps import flip, operate
from tests.web.client import Answer, Site


def load(site: Site, *entries: object) -> Answer:
    return operate(site, "POST", "/admin/definitions", list(entries))


def test_a_file_adds_missing_experiments_as_disabled(lean: Site) -> None:
    loaded = load(lean, {"name": "on"}, {"name": "headline"}).body

    assert (loaded["added"], loaded["existing"]) == (["headline"], ["on"])
    assert operate(lean, "GET", "/admin/experiments/headline").body["state"] == "disabled"


@pytest.mark.parametrize("verb", ["enable", "promote"])
def test_a_file_never_touches_state_or_dates_of_those_that_exist(lean: Site, verb: str) -> None:
    flip(lean, "off", verb)
    before = operate(lean, "GET", "/admin/experiments").body
    load(lean, {"name": "off"}, {"name": "on", "state": "disabled", "started_at": "2020-01-01T00:00:00Z"})

    assert operate(lean, "GET", "/admin/experiments").body == before


def test_an_entry_without_a_name_or_with_an_unknown_key_is_a_warning(lean: Site) -> None:
    loaded = load(lean, {"description": "nameless"}, {"name": "odd", "colour": 1}, {"name": "good"}).body

    assert loaded["added"] == ["good"]
    assert [warning.split(":")[0] for warning in loaded["warnings"]] == ["[0].name", "[1].colour"]


def test_a_file_that_is_no_json_is_an_error(lean: Site) -> None:
    answer = operate(lean, "POST", "/admin/definitions", b'[{"name": "headline"},]')

    assert (answer.status, answer.body["field"]) == (400, "body")
    assert operate(lean, "GET", "/admin/experiments/headline").status == 404


def test_entries_that_left_the_file_are_listed_as_orphaned(lean: Site) -> None:
    assert load(lean, {"name": "on"}, {"name": "off"}).body["orphaned"] == ["other", "won"]
