"""Which reports an experiment is due: days without one, and days whose numbers have changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.instant import Day, Instant, day_of, iso_day, parse_day
from chalicelib.services.reports.daily_series import Excluded, digests
from chalicelib.services.reports.engagement_scores import Scores
from chalicelib.services.reports.report_frame import is_closed
from chalicelib.services.store import Written

MOST_EMPTY_DAYS = 31


@dataclass(frozen=True, slots=True)
class Due:
    """A report to write: `there` is what it replaces, `latest` says that it is the newest day's."""

    experiment: Experiment
    day: Day
    digest: str
    there: Written | None
    latest: bool


def due_reports(
    experiment: Experiment,
    tally: Tally,
    scores: Scores,
    excluded: Excluded,
    there: Mapping[str, Written],
    now: Instant,
    today: bool,
) -> list[Due]:
    """The reports that are missing or differ, oldest first; `there` are those that were written."""
    days = reported_days(experiment, tally, scores, now, today)
    last = days.stop - 1
    return [
        Due(experiment, day, digest, there.get(iso_day(day)), day == last)
        for day, digest in _digests(experiment, tally, scores, excluded, days, now)
        if is_due(there.get(iso_day(day)), digest, provisional=day >= day_of(now), now=now)
    ]


def _digests(
    experiment: Experiment, tally: Tally, scores: Scores, excluded: Excluded, days: range, now: Instant
) -> list[tuple[Day, str]]:
    """The end of a plan changes what its last day says, though no number has changed."""
    found = digests(experiment.name, tally, scores, excluded, days.start, days.stop - 1)
    planned = experiment.plan.visitors is not None
    closed = {day for day in found if planned and is_closed(experiment, day, now)}
    return [(day, f"{digest}-closed" if day in closed else digest) for day, digest in found.items()]


def reported_days(experiment: Experiment, tally: Tally, scores: Scores, now: Instant, today: bool) -> range:
    """The days that an experiment has reports of.

    A start that was set by hand to long before the experiment was defined, and before anything was
    counted, is reported for MOST_EMPTY_DAYS alone, so that empty years cost nothing.
    """
    if experiment.started_at is None:
        return range(0)
    first, last = day_of(experiment.started_at), day_of(now) - (not today)
    if experiment.ended_at is not None:
        last = min(last, day_of(experiment.ended_at))
    known_since = min(day_of(experiment.created_at or now), _first_counted(experiment.name, tally, scores))
    return range(max(first, min(known_since, last) - MOST_EMPTY_DAYS), last + 1)


def is_due(there: Written | None, digest: str, provisional: bool, now: Instant) -> bool:
    """Whether a report with this digest is to be written by a recount that began at `now`."""
    if there is None:
        return True
    if there.counted_at > now:
        return False
    if there.failed:
        return True
    return there.digest != digest or (there.provisional and not provisional)


def revision_after(there: Written | None) -> int:
    """A final report that is replaced raises the revision; a provisional one or an error does not."""
    if there is None:
        return 1
    return there.revision if there.provisional or there.failed else there.revision + 1


def _first_counted(name: str, tally: Tally, scores: Scores) -> Day:
    """The first day that has any number; far in the future when there is none."""
    days = [
        day
        for (experiment, _, _), arm in tally.arms.items()
        if experiment == name
        for day in (*arm.enrolled, *arm.conflicts, *(day for goal in arm.goals.values() for day in goal))
    ]
    return min([*days, *map(parse_day, scores)], default=1 << 40)
