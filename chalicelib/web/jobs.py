"""Placeholder jobs, until main has real ones."""

from typing import Any

from chalice import Blueprint, Cron

jobs = Blueprint(__name__)


@jobs.schedule(Cron(30, 0, "*", "*", "?", "*"), name="report")
def report(event: Any) -> str:
    import scipy.special

    print(scipy.special.__file__)
    return str(scipy.special.__file__)


@jobs.lambda_function(name="recount")
def recount(event: Any, context: Any) -> dict[str, Any]:
    print("recount", event)
    return {"event": event}
