"""A variation that is removed is shown to nobody; one of weight 0 only to those who have it."""

from typing import Any

import pytest

from chalicelib.domain.instant import MINUTE
from tests.django_lean.steps import CONFIRM, assignment, enroll, enrolled, operate, people, see, shown
from tests.web.client import Site

THREE = {"name": "on", "state": "enabled", "variations": ["control", "a", "b"]}


def change(site: Site, **fields: Any) -> None:
    site.now += MINUTE
    assert operate(site, "PATCH", "/admin/experiments/on", fields).status == 200


@pytest.fixture
def user(site: Site) -> str:
    """Somebody who has seen `a`."""
    site.load(THREE)
    site.now += MINUTE
    return people(site, "on", a=1)["a"][0]


def test_who_had_a_removed_variation_sees_control_and_stays_counted(site: Site, user: str) -> None:
    change(site, variations=["control", "b"])
    seen = assignment(site, "on", user)

    assert (seen["variation"], seen["in_experiment"], seen["reason"]) == ("control", False, "removed")
    assert enrolled(site)["a"] == 1


def test_who_had_it_sees_it_when_it_is_added_again(site: Site, user: str) -> None:
    change(site, variations=["control", "b"])
    change(site, variations=["control", "a", "b"], weights=[1, 0, 1])

    assert assignment(site, "on", user)["variation"] == "a"


def test_who_has_a_variation_of_weight_0_keeps_it_and_nobody_else_gets_it(site: Site, user: str) -> None:
    change(site, weights=[1, 0, 1])
    others = {assignment(site, "on", f"other-{number}")["variation"] for number in range(60)}

    assert assignment(site, "on", user)["variation"] == "a"
    assert others == {"control", "b"}


def test_a_browser_is_told_the_same(site: Site) -> None:
    site.load({**THREE, "weights": [0, 1, 0]})
    site.now += MINUTE
    see(site, CONFIRM, enroll())
    assert shown(site, "on")["variation"] == "a"
    change(site, weights=[1, 0, 1])
    assert shown(site, "on")["variation"] == "a"
    change(site, variations=["control", "b"], weights=[0, 1])

    assert (shown(site, "on")["variation"], shown(site, "on")["reason"]) == ("control", "removed")
