"""What was defined a moment ago by another function's process counts at once in this one."""

import time

import pytest

from chalicelib import config, wiring
from chalicelib.domain.experiments.experiment import Variation, enable, reweigh
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import HOUR
from chalicelib.domain.visitors.visitor import Visitor
from tests.web.client import NOW, Site

HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
ME = "a-visitor-of-the-shop-1"


@pytest.fixture
def warm(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A process that read the definitions just now and holds them for long."""
    monkeypatch.setenv("DEFINITIONS_SECONDS", "3600")
    config.settings.cache_clear()
    monkeypatch.setattr(wiring, "_cached", wiring._Cached())
    wiring.definitions()
    return site


def defined(site, experiment):
    site.store.hold(experiment)


def collect(site, *events):
    told = [{"type": "confirm", "id": "c"}, *events]
    return site.post("/e/collect", {"visitor": ME, "events": told}, None, **{"User-Agent": HUMAN})


def me(site) -> Visitor:
    return site.store.load_visitor(ME, NOW)[0]


def test_an_enrolment_in_an_experiment_that_began_elsewhere(warm):
    defined(warm, enable(experiment_from({"name": "new"}, NOW - HOUR), NOW - HOUR))
    collect(warm, {"type": "enroll", "id": "e", "experiment": "new", "phase": 1})

    assert "new" in me(warm).enrollments


def test_an_enrolment_in_an_experiment_that_was_enabled_elsewhere(warm):
    defined(warm, experiment_from({"name": "slow"}, NOW - HOUR))
    wiring.definitions(fresh=True)
    defined(warm, enable(warm.store.definitions().experiments["slow"], NOW - HOUR))
    collect(warm, {"type": "enroll", "id": "e", "experiment": "slow", "phase": 1})

    assert "slow" in me(warm).enrollments


def test_an_enrolment_in_a_phase_that_began_elsewhere(warm):
    defined(warm, enable(experiment_from({"name": "ramp"}, NOW - HOUR), NOW - HOUR))
    wiring.definitions(fresh=True)
    weights = [Variation("control", 0.1), Variation("test", 0.9)]
    defined(warm, reweigh(warm.store.definitions().experiments["ramp"], weights, NOW - 1))
    collect(warm, {"type": "enroll", "id": "e", "experiment": "ramp", "phase": 2})

    assert me(warm).enrollments["ramp"].phase == 2


def test_a_goal_that_was_declared_elsewhere(warm):
    warm.store.hold(Goal("buy", NOW - HOUR))
    collect(warm, {"type": "goal", "id": "g", "goal": "buy"})

    assert [fact.goal for fact in me(warm).facts] == ["buy"]


@pytest.mark.parametrize("path", ["/e/assign", "/v1/assign"])
def test_asking_for_an_experiment_that_began_elsewhere(warm, path):
    begun = experiment_from({"name": "new", "weights": [0, 1]}, NOW - HOUR)
    defined(warm, enable(begun, NOW - HOUR))
    answer = (
        warm.send("GET", f"{path}?experiments=new&visitor={ME}")
        if path == "/e/assign"
        else warm.post(path, {"user_id": "42", "experiments": ["new"]})
    )

    assert answer.body["assignments"]["new"]["variation"] == "test"


def test_what_is_known_is_not_read_anew(warm, monkeypatch):
    defined(warm, enable(experiment_from({"name": "new"}, NOW - HOUR), NOW - HOUR))
    wiring.definitions(fresh=True)
    monkeypatch.setattr(warm.store, "definitions", lambda: pytest.fail("was read again"))
    collect(warm, {"type": "enroll", "id": "e", "experiment": "new", "phase": 1})

    assert "new" in me(warm).enrollments


def test_whoever_names_what_does_not_exist_does_not_make_us_read_each_time(warm, monkeypatch):
    plain, reads, instant = warm.store.definitions, [], time.monotonic()
    monkeypatch.setattr(warm.store, "definitions", lambda: reads.append(1) or plain())
    monkeypatch.setattr("time.monotonic", lambda: instant)
    for number in range(50):
        collect(warm, {"type": "enroll", "id": f"e{number}", "experiment": "nothing", "phase": 1})

    assert len(reads) == 10
