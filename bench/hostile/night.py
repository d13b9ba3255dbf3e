"""The jobs of a minute and of a night, run on whatever the requests left."""

import re
from typing import Any

from bench.hostile.caught_log import where
from bench.hostile.request import Request
from chalicelib import wiring
from chalicelib.domain.errors import LeansplitError

NIGHT = Request("(night)", "NIGHT", "")
"""In the place of a request; its answer is 500 when a job failed."""

_EVENT = {"version": "0", "account": "1", "region": "eu-central-1", "detail": {}, "resources": []}
_EVENT |= {"detail-type": "Scheduled Event", "source": "aws.events", "time": "2026-03-10T00:30:00Z"}
_SHOWN = 80
_NUMBER = re.compile(r"\d+")


def night(name: str) -> list[str]:
    """Run both jobs; what failed, in words."""
    from chalicelib.web import jobs

    problems = []
    for job in (jobs.fold, jobs.report):
        try:
            job({**_EVENT, "id": name}, _Context())
        except LeansplitError as error:
            problems += _failed_reports(name) if isinstance(error, jobs.JobFailed) else [where(error)]
        except Exception as error:  # noqa: BLE001 a job that ends in any way but its own is what is looked for
            problems.append(where(error))
    return problems


def _failed_reports(name: str) -> list[str]:
    found = wiring.store().load_job(f"nightly-{name}")
    failed: list[dict[str, Any]] = found[0]["failed"] if found else []
    words = {f"a report failed: {each['code']} {each['message'][:_SHOWN]}" for each in failed}
    return sorted(_NUMBER.sub("n", each) for each in words) or ["a job failed"]


class _Context:
    def get_remaining_time_in_millis(self) -> int:
        return 900_000
