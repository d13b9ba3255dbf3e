"""Write the reports that are missing, or that differ from what a recount found."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.instant import Day, Instant, day_of, iso_at, iso_day, parse_day
from chalicelib.services.reports.analysis_request import Known, Request, phase_request, request_of_report
from chalicelib.services.reports.daily_series import daily_series, digests
from chalicelib.services.reports.engagement_scores import Scores, with_scores
from chalicelib.services.reports.report_frame import Frame, frame
from chalicelib.services.store import DefinitionStore, ReportFiles, ReportStore, ScoreStore, Written
from chalicelib.services.tracking.exclusions import exclusions
from chalicelib.services.tracking_store import CounterStore
from chalicelib.stats.analysis import analyse

_BATCH = 50


class Store(DefinitionStore, CounterStore, ReportStore, ScoreStore, Protocol):
    """What writing reports needs of a store."""


@dataclass(frozen=True, slots=True)
class _Due:
    experiment: Experiment
    day: Day
    digest: str
    revision: int
    latest: bool


def write_reports(
    store: Store, files: ReportFiles, tally: Tally, now: Instant, today: bool = True
) -> list[tuple[str, str]]:
    """All reports that are due by a tally of all documents at `now`: (experiment, ISO day) of each.

    A second run with the same tally writes nothing. A day that is over is written again only when
    its numbers differ, with its revision raised; today's report, if wanted, is provisional.
    """
    definitions = store.definitions()
    scored = {name: store.scores(name) for name in definitions.experiments}
    due = [
        each
        for experiment in _reported(definitions)
        for each in _due(store, experiment, tally, scored[experiment.name], now, today)
    ]
    written = []
    for first in range(0, len(due), _BATCH):
        batch = due[first : first + _BATCH]
        for each, report in zip(batch, _reports(store, definitions, tally, scored, batch, now), strict=True):
            files.write_report(report)
            if each.latest:
                files.write_latest(report)
            store.save_report(report, each.digest)
            written.append((each.experiment.name, iso_day(each.day)))
    files.write_index(_index(store, definitions, now))
    _finalize(store, definitions, now)
    return written


def _reported(definitions: Definitions) -> list[Experiment]:
    return [
        experiment
        for experiment in definitions.experiments.values()
        if experiment.started_at is not None and experiment.finalized_at is None
    ]


def _due(
    store: ReportStore, experiment: Experiment, tally: Tally, scores: Scores, now: Instant, today: bool
) -> Iterator[_Due]:
    assert experiment.started_at is not None
    first, last = day_of(experiment.started_at), day_of(now) - (not today)
    if experiment.ended_at is not None:
        last = min(last, day_of(experiment.ended_at))
    there = store.written_reports(experiment.name)
    for day, digest in digests(experiment.name, tally, scores, first, last).items():
        revision = _revision(there.get(iso_day(day)), digest, provisional=day >= day_of(now))
        if revision is not None:
            yield _Due(experiment, day, digest, revision, day == last)


def _revision(there: Written | None, digest: str, provisional: bool) -> int | None:
    """The revision to write; None when the report that is there says the same."""
    if there is None or there.provisional:
        return None if there and provisional and there.digest == digest else 1
    return None if there.digest == digest else there.revision + 1


def _reports(
    store: CounterStore,
    definitions: Definitions,
    tally: Tally,
    scored: Mapping[str, Scores],
    due: list[_Due],
    now: Instant,
) -> list[dict[str, Any]]:
    first = min(day_of(each.experiment.started_at or now) for each in due)
    excluded = exclusions(store, first, max(each.day for each in due), now)
    frames = [
        with_scores(
            frame(definitions, each.experiment, tally, excluded.get(each.experiment.name, {}), each.day, now),
            scored[each.experiment.name],
        )
        for each in due
    ]
    return [{**filled, "revision": each.revision} for each, filled in zip(due, fill(frames), strict=True)]


def fill(frames: list[Frame]) -> list[dict[str, Any]]:
    """Complete reports of one recount: every frame with the analysis of its phase and of those before."""
    known: Known = {}
    requests = [request_of_report(each, known) for each in reversed(frames)][::-1]
    earlier = [(each, phase) for each in frames for phase in each["experiment"]["phases"][:-1]]
    answers = analyse([*requests, *(_earlier_request(each, phase, known) for each, phase in earlier)])
    phases: dict[int, list[dict[str, Any]]] = {id(each): [] for each in frames}
    for (each, phase), answer in zip(earlier, answers[len(requests) :], strict=True):
        phases[id(each)].append({"phase": phase["number"], **answer})
    return [
        {**each, "phases": phases[id(each)], **answer, "daily": daily_series(request, each["as_of_day"])}
        | {"goals": _with_rules(each, request, answer)}
        for each, request, answer in zip(frames, requests, answers[: len(requests)], strict=True)
    ]


def _with_rules(report: Frame, request: Request, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each goal's rules beside its analysis, and the cap that a quantile came to."""
    found = []
    for rules, asked, analysed in zip(report["goals"], request["goals"], answer["goals"], strict=True):
        cap = {} if asked["cap"] is None else {"cap": asked["cap"]}
        found.append({**rules, **analysed, **cap})
    return found


def _earlier_request(report: Frame, phase: Mapping[str, Any], known: Known) -> dict[str, Any]:
    following = report["experiment"]["phases"][phase["number"]]
    return phase_request(report, phase["number"], parse_day(following["started_at"][:10]), known)


def _index(store: ReportStore, definitions: Definitions, now: Instant) -> dict[str, Any]:
    rows = [_index_row(store, experiment) for experiment in definitions.experiments.values()]
    return {"generated_at": iso_at(now), "experiments": sorted(rows, key=lambda row: str(row["name"]))}


def _index_row(store: ReportStore, experiment: Experiment) -> dict[str, Any]:
    return {
        "name": experiment.name,
        "state": experiment.state.value,
        "started_at": None if experiment.started_at is None else iso_at(experiment.started_at),
        "ended_at": None if experiment.ended_at is None else iso_at(experiment.ended_at),
        "days": list(store.written_reports(experiment.name)),
    }


def _finalize(store: DefinitionStore, definitions: Definitions, now: Instant) -> None:
    for experiment in _reported(definitions):
        if experiment.is_final(now):
            try:
                store.save_experiment(replace(experiment, finalized_at=now))
            except Conflict:
                continue
