"""django-lean's states: who sees what, who enrols, and the dates."""

import json
from collections import Counter

import pytest

from tests.django_lean.steps import CONFIRM, assignment, enroll, flip, operate, see, setting, shown, user_of
from tests.web.client import SERVER, Site

ASKING = [
    ("GET", "/e/assign?experiments=on,unheard", None, "experiments"),
    ("POST", "/v1/assign", {"user_id": "1", "experiments": ["on", "unheard"]}, "experiments"),
    ("POST", "/e/collect", {"events": [CONFIRM, enroll("unheard")]}, "events[1].experiment"),
]


def test_an_unknown_experiment_shows_control_and_enrols_nobody(lean: Site) -> None:
    assert assignment(lean, "unheard")["variation"] == shown(lean, "unheard")["variation"] == "control"
    assert lean.store.visitors == {}


@pytest.mark.parametrize("ask", [shown, assignment])
def test_an_unknown_experiment_is_a_warning_in_the_log(
    lean: Site, caplog: pytest.LogCaptureFixture, ask: object
) -> None:
    ask(lean, "on")
    before = [record.message for record in caplog.records]
    ask(lean, "unheard")
    told = [record for record in caplog.records if record.message == "unknown experiments"]

    assert "unknown experiments" not in before
    assert [(record.levelname, record.experiments) for record in told] == [("WARNING", ["unheard"])]


@pytest.mark.parametrize(("method", "path", "body", "field"), ASKING)
def test_an_unknown_experiment_is_an_error_in_development(
    lean: Site, monkeypatch: pytest.MonkeyPatch, method: str, path: str, body: object, field: str
) -> None:
    quiet = lean.send(method, path, body, SERVER)
    setting(monkeypatch, "DEVELOPMENT", "1")
    loud = lean.send(method, path, body, SERVER)

    assert quiet.status in (200, 204)
    assert (loud.status, loud.body["field"]) == (400, field)
    assert "unheard" in loud.body["error"]


def test_disabled_shows_control_even_to_those_enrolled_in_test(lean: Site) -> None:
    who = user_of(lean, "test")
    flip(lean, "on", "disable")

    assert assignment(lean, "on", who)["variation"] == "control"
    assert assignment(lean, "on", who)["in_experiment"] is False


def test_promoted_shows_the_promoted_variation_even_to_those_enrolled_in_control(lean: Site) -> None:
    who = user_of(lean, "control")
    flip(lean, "on", "promote")

    assert assignment(lean, "on", who)["variation"] == "test"


@pytest.mark.parametrize("verb", ["disable", "promote"])
def test_disabled_and_promoted_enrol_nobody(lean: Site, verb: str) -> None:
    flip(lean, "on", verb)
    told = assignment(lean, "on")
    see(lean, CONFIRM, enroll())
    places = [lean.store.load_visitor(each, lean.now)[0].enrollments for each in lean.store.visitors]

    assert told["in_experiment"] is False
    assert places == [{}]


def test_enabled_and_enrolled_is_sticky(lean: Site) -> None:
    who = user_of(lean, "test")
    operate(lean, "PATCH", "/admin/experiments/on", {"weights": [1, 0]})

    assert assignment(lean, "on", who)["variation"] == "test"
    assert assignment(lean, "on", "somebody new")["variation"] == "control"


def split(site: Site, name: str, users: int = 1000) -> Counter[str]:
    found: Counter[str] = Counter()
    for first in range(0, users, 500):
        asked = [{"user_id": f"visitor {first + each}", "experiments": [name]} for each in range(500)]
        results = site.post("/v1/assign", asked).body["results"]
        found.update(result["assignments"][name]["variation"] for result in results)
    return found


def near(found: int, share: float, users: int = 1000) -> bool:
    """Within 4.5 standard errors."""
    return abs(found - share * users) < 4.5 * (users * share * (1 - share)) ** 0.5


def test_enabled_and_new_is_split_half_and_half(lean: Site) -> None:
    found = split(lean, "on")

    assert near(found["control"], 0.5)
    assert found["control"] + found["test"] == 1000


def test_two_or_more_variations_are_split_by_their_weights(site: Site) -> None:
    three = {"variations": ["red", "green", "blue"], "weights": [1, 2, 7]}
    site.load({"name": "colour", "state": "enabled", **three})
    found = split(site, "colour")

    assert all(near(found[key], share) for key, share in (("red", 0.1), ("green", 0.2), ("blue", 0.7)))


def test_other_weights_begin_a_phase(lean: Site) -> None:
    operate(lean, "PATCH", "/admin/experiments/on", {"weights": [1, 3]})
    changed = operate(lean, "GET", "/admin/experiments/on").body

    assert [phase["number"] for phase in changed["phases"]] == [1, 2]
    assert assignment(lean, "on")["phase"] == 2


def test_the_assignment_is_a_seeded_hash(lean: Site) -> None:
    """The same without any memory, for a browser as for a server; another seed draws anew."""
    users = [f"visitor-{number:08d}" for number in range(60)]
    lean.load({"name": "seeded", "seed": "on"})
    flip(lean, "seeded", "enable")
    first = [assignment(lean, "on", user)["variation"] for user in users]
    lean.store.visitors.clear()

    assert [shown(lean, "on", user)["variation"] for user in users] == first
    assert [assignment(lean, "seeded", user)["variation"] for user in users] == first
    assert [assignment(lean, "other", user)["variation"] for user in users] != first


def test_test_and_control_are_complementary(lean: Site) -> None:
    """Whoever asks, in whatever state and order: one of the two, and the same again."""
    for name in ("on", "off", "won", "unheard"):
        for who in map(str, range(1, 41)):
            before = assignment(lean, name, who, enrolls=False)["variation"]
            answers = {before, *(assignment(lean, name, who)["variation"] for _ in range(2))}

            assert answers in ({"control"}, {"test"})


def test_asking_enrols_but_never_in_bulk(lean: Site) -> None:
    lean.post("/v1/assign", {"user_id": "1"})
    assert lean.store.visitors == {}
    assignment(lean, "on")

    assert list(json.loads(lean.store.visitors["~1"][0])["e"]) == ["on"]


def test_new_experiments_start_disabled(site: Site) -> None:
    site.load({"name": "loaded"})
    created = operate(site, "POST", "/admin/experiments", {"name": "created"}).body

    assert (created["state"], created["started_at"]) == ("disabled", None)
    assert operate(site, "GET", "/admin/experiments/loaded").body["state"] == "disabled"
