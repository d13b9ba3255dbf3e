"""Sets the stage: experiments in every state, visitors, counters, an event set aside, a job."""

import json
from typing import Any

from bench.hostile.admin_examples import EXPERIMENTS, GOALS
from bench.hostile.examples import Known
from bench.hostile.request import Example
from bench.hostile.target import Target
from bench.hostile.tracker_examples import OBJECTS, TRACKERS
from bench.hostile.visitor_examples import CONFIRM, ENROLL, EVENT, REACHED


def set_stage(target: Target) -> Known:
    """Everything over HTTP; what is there already stays as it is."""
    for route, entries in (
        ("POST /admin/experiments", EXPERIMENTS),
        ("POST /admin/goals", GOALS),
        ("POST /admin/trackers", TRACKERS),
    ):
        for entry in entries:
            _ask(target, Example(route, {}, entry, {}, "admin"))
    for tracker, objects in (("shop", OBJECTS), ("strict", OBJECTS)):
        _ask(
            target,
            Example("POST /admin/trackers/{tracker}/objects", {"tracker": tracker}, objects, {}, "admin"),
        )
    for number in range(6):
        _visit(target, number)
    _ask(target, Example("POST /e/track", {}, {"events": [EVENT, {**EVENT, "object": "nothing"}]}))
    token = _ask(target, Example("POST /v1/assign", {}, {"visitor": "visitor-0001"}, {}, "server"))["visitor"]
    asked = {"visitor": token, "goal": "buy"}
    pixel = _ask(target, Example("POST /v1/pixels", {}, asked, {}, "server"))["path"].partition("visitor=")[2]
    rows = _ask(target, Example("GET /admin/set-aside", {}, None, {"tracker": "shop"}, "admin"))["rows"]
    job = _ask(target, Example("POST /admin/reports", {}, {}, {}, "admin"))["id"]
    return Known(token, pixel, rows[0]["id"], job)


def _visit(target: Target, number: int) -> None:
    visitor = f"visitor-{number:04d}"
    _ask(target, Example("POST /e/collect", {}, {"visitor": visitor, "events": [CONFIRM, ENROLL, REACHED]}))
    user = {"user_id": str(40 + number), "experiments": ["running"]}
    _ask(target, Example("POST /v1/assign", {}, user, {}, "server"))
    told = {"user_id": str(40 + number), "goal": "buy", "value": number}
    _ask(target, Example("POST /v1/goals", {}, told, {}, "server"))


def _ask(target: Target, example: Example) -> Any:
    answer = target.send(example.request(target.keys))
    return json.loads(answer.body) if answer.body[:1] == b"{" else {}
