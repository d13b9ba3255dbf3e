"""Valid requests of operators: experiments, goals, reports, jobs."""

from collections.abc import Iterator

from bench.hostile.request import Example
from bench.hostile.tracker_examples import TRACKERS

EXPERIMENTS = (
    {
        "name": "running",
        "state": "enabled",
        "started_at": "2026-03-01T00:00:00Z",
        "goals": [
            "buy",
            {"name": "spend", "type": "engagement", "unit": "EUR", "max_value": 1000, "winsorize": 0.99},
            {
                "name": "complaint",
                "role": "guardrail",
                "direction": "decrease",
                "margin": 0.05,
                "window_days": 7,
            },
        ],
        "variations": [{"key": "control", "weight": 1}, {"key": "b", "weight": 1}, {"key": "c", "weight": 2}],
        "coverage": 0.9,
        "planned_visitors": 1000,
        "planned_days": 30,
        "minimum_effect": 0.1,
    },
    {"name": "scheduled", "state": "enabled", "started_at": "2026-04-01T00:00:00Z", "goals": ["buy"]},
    {
        "name": "won",
        "state": "promoted",
        "started_at": "2026-03-01T00:00:00Z",
        "ended_at": "2026-03-05T00:00:00Z",
        "promoted": "test",
        "goals": ["buy"],
    },
    {"name": "draft", "description": "not started", "weights": [1, 3], "alpha": 0.01, "seed": "other"},
)
"""One in each state; the stage is set with them."""

NEW = {
    **EXPERIMENTS[0],
    "name": "fresh",
    "ended_at": "2026-05-01T00:00:00Z",
    "description": "all fields",
    "seed": "s",
    "alpha": 0.1,
}
GOALS = (
    {
        "name": "per_visit",
        "type": "ratio",
        "numerator": "spend",
        "denominator": {"goal": "buy", "metric": "count"},
    },
    {"name": "signup", "unit": "people", "role": "secondary", "server_only": True, "window_days": 14},
    {"name": "visits", "type": "engagement", "metric": "per_day", "covariate_days": 14, "max_value": 5},
    {"name": "time", "type": "engagement", "metric": "sum", "cap": 100, "unit": "s"},
)


def admin_examples(job: str) -> Iterator[Example]:
    """With the id of a job."""
    yield from _experiments()
    yield from _goals_and_reports(job)


def _experiments() -> Iterator[Example]:
    listed = "/admin/experiments"
    yield Example(f"GET {listed}", key="admin")
    yield Example(f"POST {listed}", {}, NEW, {}, "admin")
    trackers = [{**TRACKERS[2], "name": "filed"}]
    file = {"experiments": [{**NEW, "name": "filed"}, {"name": "running"}], "trackers": trackers}
    yield Example("POST /admin/definitions", {}, file, {}, "admin")
    yield Example("POST /admin/definitions", {}, [{"name": "headline"}], {"strict": "true"}, "admin")
    yield Example("POST /admin/publish", {}, {}, {}, "admin")
    for name in ("running", "scheduled", "won", "draft"):
        path = {"name": name}
        yield Example(f"GET {listed}/{{name}}", path, None, {}, "admin")
        yield Example(f"POST {listed}/{{name}}/enable", path, {}, {}, "admin")
        yield Example(f"POST {listed}/{{name}}/disable", path, {}, {}, "admin")
    for body in (
        {"weights": [1, 1, 3]},
        {"coverage": 0.5, "description": "other"},
        {"variations": [{"key": "control", "weight": 0.2}, {"key": "z", "weight": 0.8}]},
        {"variations": ["control", "b", "d"], "weights": [5, 1, 1]},
    ):
        yield Example(f"PATCH {listed}/{{name}}", {"name": "running"}, body, {}, "admin")
    yield Example(f"PATCH {listed}/{{name}}", {"name": "draft"}, {"weights": [2, 1]}, {}, "admin")
    yield Example(
        f"POST {listed}/{{name}}/promote", {"name": "running"}, {"variation": "control"}, {}, "admin"
    )


def _goals_and_reports(job: str) -> Iterator[Example]:
    yield Example("GET /admin/goals", key="admin")
    for goal in GOALS:
        yield Example("POST /admin/goals", {}, {**goal, "name": f"new-{goal['name']}"}, {}, "admin")
    for name, body in (
        ("spend", {"unit": "USD", "max_value": "12.5"}),
        ("time", {"cap": 7, "window_days": 3}),
        ("signup", {"role": "guardrail", "direction": "decrease", "margin": 0.1, "server_only": False}),
        ("per_visit", {"numerator": {"goal": "spend", "metric": "sum"}}),
    ):
        yield Example("PATCH /admin/goals/{name}", {"name": name}, body, {}, "admin")
    for day in ("latest", "2026-03-04"):
        path = {"experiment": "running", "day": day}
        yield Example("GET /admin/reports/{experiment}/{day}", path, None, {}, "admin")
        yield Example("GET /admin/reports/{experiment}/{day}/file", path, None, {}, "admin")
    yield Example("GET /admin/reports/{experiment}", {"experiment": "running"}, None, {}, "admin")
    yield Example("POST /admin/reports", {}, {"limit_seconds": 600}, {}, "admin")
    yield Example("GET /admin/jobs/{job_id}", {"job_id": job}, None, {}, "admin")
    yield Example("POST /admin/jobs/{job_id}/cancel", {"job_id": job}, {}, {}, "admin")
