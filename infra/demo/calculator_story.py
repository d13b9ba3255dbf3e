"""`demo --story calculator`: your function on users that you name, from their enrolment to the report."""

from typing import Any

from rich.console import Console

from infra.aws.formation import Outputs
from infra.demo.people_story import Server
from infra.demo.report_table import calculated
from infra.errors import InfraError

Body = dict[str, Any]
SETTING = "EngagementCalculator"
USERS = [f"customer-{number}" for number in range(1, 41)]


def needs_setting(settings: Outputs) -> None:
    if not settings.get(SETTING):
        raise InfraError(f"this story needs your function: --set {SETTING}=package.module.Class --vendor DIR")


def enrol(url: str, server_key: str, experiment: str, users: list[str]) -> dict[str, int]:
    """How many of the users see each variation."""
    people = [{"user_id": user, "experiments": [experiment]} for user in users]
    seen: dict[str, int] = {}
    for answer in Server(url, server_key).post("/v1/assign", people)["results"]:
        if answer["status"] != 200:
            raise InfraError(f"/v1/assign: {answer}")
        variation = answer["assignments"][experiment]["variation"]
        seen[variation] = seen.get(variation, 0) + 1
    return seen


def show(console: Console, job: Body, report: Body) -> None:
    for line in calculated(job["calculation"]):
        console.print(f"    {line}", highlight=False, soft_wrap=True)
    for arm in scored(report)["arms"]:
        mean = "no users" if arm["mean"] is None else f"mean {arm['mean']} of {arm['n']} users"
        said = f"    {arm['key']}: {mean}"
        console.print(said, highlight=False)


def check(job: Body, report: Body, seen: dict[str, int]) -> list[str]:
    """A line for each number that is not what the users make."""
    goal, failed = scored(report), job["calculation"]["failed"]
    users, answered = sum(seen.values()), sum(arm["n"] for arm in goal["arms"])
    found = {
        "calls": (job["calculation"]["calls"], users),
        "users with a score": (answered, users - failed),
        "failed_users": (goal["failed_users"], failed),
    }
    return [f"{word}: {got}, {meant} meant" for word, (got, meant) in found.items() if got != meant]


def scored(report: Body) -> Body:
    """The goal that the function makes."""
    return next(goal for goal in report["goals"] if goal.get("source") == "function")
