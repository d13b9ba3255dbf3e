"""What a visit sends, in which order, and what is expected of it."""

import json
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from infra.demo.traffic import Browser, Line, Sent
from infra.demo.visits import Course, Kind, Visit

VISIT = Visit("a" * 32, "Mozilla/5.0", Kind.HUMAN, Course.TOGETHER, 0.0, "9.99", False, False)


class Recorder(Line):
    """A line that notes the requests and answers an assignment."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, Any]] = []

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Any:
        self.sent.append((method, path.split("?")[0], body and json.loads(body)))
        assignment = {"variation": "test", "phase": 1}
        return json.dumps({"visitor": "v1.token", "assignments": {"headline": assignment}}).encode()


def sent_by(**changes: Any) -> list[tuple[str, str, Any]]:
    line = Recorder()
    Browser(line, Visit(**{**vars(VISIT), **changes}), time.monotonic() - 60).go()
    return line.sent


def events(request: tuple[str, str, Any]) -> list[tuple[str, int]]:
    return [(event.get("goal", event["type"]), event["age"]) for event in request[2]["events"]]


def test_news_told_together_goes_in_one_request_with_the_enrolment_first() -> None:
    page, news = sent_by()

    assert page[:2] == ("GET", "/e/assign")
    assert events(news) == [("confirm", 60), ("enroll", 60), ("signup", 0), ("buy", 0)]
    assert news[2]["visitor"] == "v1.token"


def test_goals_that_overtake_the_enrolment_are_told_first_though_they_came_later() -> None:
    _, goals, news = sent_by(course=Course.REVERSED)

    assert [name for name, _ in events(goals)] == ["signup", "buy"]
    # So old that no slow answer can turn the order round, and younger than the enabling a minute ago.
    assert all(58_500 < age < 60_000 for _, age in events(news))


def test_a_goal_of_before_the_enrolment_is_older_than_it() -> None:
    _, goals, news = sent_by(course=Course.TOO_EARLY)

    assert min(age for _, age in events(goals)) > max(age for _, age in events(news))


def test_a_pixel_tells_a_sign_up_and_the_script_the_purchase() -> None:
    requests = sent_by(course=Course.IN_TURN, by_pixel=True)

    assert [request[1] for request in requests] == ["/e/assign", "/e/collect", "/e/goal/signup", "/e/collect"]
    assert events(requests[-1]) == [("buy", 0)]


def test_a_repeated_request_is_the_same_to_the_byte() -> None:
    requests = sent_by(repeats=True)

    assert requests[::2] == requests[1::2]


def test_who_never_runs_the_script_only_fetches_the_pixel() -> None:
    assert [path for _, path, _ in sent_by(kind=Kind.SILENT)] == ["/e/assign", "/e/goal/signup"]


@pytest.mark.parametrize(
    ("changes", "visitors", "conversions", "excluded"),
    [
        ({}, 1, 2, 0),
        ({"luck": 0.99}, 1, 0, 0),
        ({"price": None}, 1, 1, 0),
        ({"course": Course.TOO_EARLY}, 1, 0, 0),
        ({"kind": Kind.SILENT}, 0, 0, 0),
        ({"kind": Kind.BOT}, 0, 0, 1),
        ({"kind": Kind.BOT, "repeats": True}, 0, 0, 2),
    ],
)
def test_only_humans_count_and_only_goals_reached_after_the_enrolment(
    changes: dict[str, Any], visitors: int, conversions: int, excluded: int
) -> None:
    sent = Sent()
    sent.add(Visit(**{**vars(VISIT), **changes}), "test", 3)

    assert sent.visitors["test"] == visitors
    assert sum(sent.conversions.values()) == conversions
    assert sent.sums.get(("test", "buy"), Decimal(0)) == (Decimal("9.99") if conversions == 2 else 0)
    assert sent.excluded == excluded
