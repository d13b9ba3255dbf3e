"""`python -m infra replay`: feed a recorded event log through the same services as live traffic."""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import DownloadColumn, Progress

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Refused
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import HOUR, Instant, day_of, iso_day, start_of
from chalicelib.domain.tracking.tracker import EXCLUDED
from chalicelib.domain.visitors.event import LOG, Reached
from chalicelib.services.experiments import load_definitions
from chalicelib.services.reports import recount, recount_job
from chalicelib.services.reports.recount import Worker
from chalicelib.services.reports.write_reports import ReportRun, write_reports
from chalicelib.services.store import Files, Store
from chalicelib.services.tracking.exclusions import exclude
from chalicelib.services.tracking.fold import fold_until
from chalicelib.services.visitors.collect import collect
from infra.demo import report_table
from infra.errors import InfraError
from infra.local import event_log
from infra.local.event_log import BadLine, Line
from infra.local.target_store import open_store

_SHOWN = 20


def register(subparsers: Any) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "replay",
        help="feed a recorded event log through the services and write its reports",
        description=event_log.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, help="the log: JSON lines")
    parser.add_argument("--experiments", type=Path, help="definitions: a JSON list of experiments")
    parser.add_argument(
        "--store", choices=("memory", "local"), default="memory", help="local: what `serve` runs"
    )
    parser.add_argument("--reports", type=Path, metavar="DIR", help="write the report JSONs there, as in S3")
    parser.add_argument(
        "--set-aside",
        type=Path,
        metavar="FILE",
        help="where bad lines go (DIR/set-aside.jsonl or ./set-aside.jsonl)",
    )
    parser.set_defaults(func=run)


@dataclass
class Summary:
    """What became of the lines."""

    lines: int = 0
    last_at: Instant | None = None
    bots: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    bad: list[BadLine] = field(default_factory=list)


def run(args: argparse.Namespace) -> int:
    """Replay, recount, report; 0 even when lines were set aside, which is said. 1 when a report failed."""
    console = Console(stderr=True)
    begun = time.monotonic()
    store, files = open_store(args.store, args.reports)
    entries = _entries(args.experiments)
    with _opened(args.file) as log:
        replay = Replay(store, entries, console)
        for line in event_log.read_lines(_with_progress(log, args.file, console)):
            replay.take(line)
    summary = replay.summary
    _set_aside(summary.bad, args, console)
    if summary.last_at is None:
        raise InfraError(f"{args.file} has no line that can be replayed")
    job = _recount(store, files, summary.last_at, console)
    _say(console, summary, job, time.monotonic() - begun)
    for name, day in job["reports"].items():
        report_table.show(Console(), store.load_report(name, day) or {})
    for problem in report_table.failures(job["failed"]):
        console.print(problem, style="red", highlight=False, soft_wrap=True)
    return 1 if job["failed"] else 0


class Replay:
    """Takes the lines in, each with its own time as now."""

    def __init__(self, store: Store, entries: list[Any], console: Console) -> None:
        self.summary = Summary()
        self._store = store
        self._entries = entries
        self._console = console
        self._definitions: Definitions | None = None

    def take(self, line: Line | BadLine) -> None:
        """One line; a bad one is said and kept."""
        self.summary.lines += 1
        if isinstance(line, BadLine):
            self._bad(line)
            return
        definitions = self._definitions or self._load(line.at)
        self.summary.last_at = max(self.summary.last_at or line.at, line.at)
        if line.bot is not None:
            self.summary.bots[line.bot] += 1
            named = line.experiment if line.experiment in definitions.experiments else ""
            message_id = f"replay-{self.summary.lines}"
            exclude(self._store, line.at, message_id, excluded={(named, line.bot): 1})
            return
        if isinstance(line.event, Reached) and line.event.goal not in definitions.goals:
            definitions = self._declare(line.event, line.at)
        self._collect(line, definitions)

    def _collect(self, line: Line, definitions: Definitions) -> None:
        try:
            collected = collect(self._store, definitions, line.visitor, [line.event], line.at, LOG)
        except Refused as problem:
            self.summary.refused[problem.reason] += 1
        else:
            self.summary.refused += collected.reasons

    def _load(self, at: Instant) -> Definitions:
        loaded = load_definitions.load(self._store, self._entries, at)
        for warning in loaded.warnings:
            self._console.print(f"definitions{warning}", style="yellow", highlight=False)
        self._definitions = self._store.definitions()
        for each in self._definitions.experiments.values():
            if each.started_at is None:
                self._console.print(f"{each.name} never started: nothing counts for it", style="yellow")
        return self._definitions

    def _declare(self, event: Reached, at: Instant) -> Definitions:
        assert self._definitions is not None
        started = [each.started_at for each in self._definitions.experiments.values() if each.started_at]
        kind = GoalType.CONVERSION if event.value is None else GoalType.ENGAGEMENT
        self._store.save_goal(Goal(event.goal, min([at, *started]), kind))
        self._console.print(f"declared the {kind.value} goal {event.goal}", highlight=False)
        self._definitions = self._store.definitions()
        return self._definitions

    def _bad(self, line: BadLine) -> None:
        self.summary.bad.append(line)
        if len(self.summary.bad) <= _SHOWN:
            self._console.print(f"line {line.number}: {line.problem}", style="yellow", highlight=False)


def _recount(store: Store, files: Files, last_at: Instant, console: Console) -> dict[str, Any]:
    """As the night after the last line would."""
    now = start_of(day_of(last_at) + 1)

    def finish(tally: Tally, at: Instant, between: Callable[[], None]) -> ReportRun:
        return write_reports(store, files, tally, at, today=False, between=between)

    worker = Worker(store, files, _nowhere, finish, remaining=lambda: HOUR, clock=lambda: now)
    job_id = f"replay-{iso_day(day_of(last_at))}-{time.time_ns()}"
    folded = fold_until(store, [EXCLUDED], lambda: time.time_ns() // 1_000_000, job_id, now)
    for each in folded.failed:
        console.print(f"exclusions are not complete: {each}", style="yellow", highlight=False)
    recount_job.start(store, job_id, 1, now)
    return recount.run_segment(worker, job_id, 0)


def _nowhere(job_id: str, segment: int) -> None:
    raise AssertionError(f"{job_id} has all the time that it needs for segment {segment}")


def _entries(path: Path | None) -> list[Any]:
    if path is None:
        return []
    try:
        entries = json.loads(path.read_text())
    except OSError as error:
        raise InfraError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise InfraError(f"{path} is not JSON: {error}") from error
    if not isinstance(entries, list):
        raise InfraError(f"{path} must be a list of experiments")
    return entries


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InfraError(f"{path}: {error.strerror}") from error


def _with_progress(log: BinaryIO, path: Path, console: Console) -> Iterator[bytes]:
    columns = [*Progress.get_default_columns(), DownloadColumn()]
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("replay", total=path.stat().st_size)
        done = 0
        for number, line in enumerate(log, 1):
            done += len(line)
            if number % 1000 == 0:
                progress.update(task, completed=done)
            yield line


def _set_aside(bad: list[BadLine], args: argparse.Namespace, console: Console) -> None:
    if not bad:
        return
    path: Path = args.set_aside or (args.reports or Path()) / "set-aside.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(vars_of(line)) + "\n" for line in bad))
    console.print(f"{len(bad)} bad lines are set aside in {path}", style="yellow", highlight=False)


def vars_of(line: BadLine) -> dict[str, Any]:
    """A bad line as it is set aside."""
    return {"line": line.number, "problem": line.problem, "text": line.text}


def _say(console: Console, summary: Summary, job: dict[str, Any], seconds: float) -> None:
    console.print(
        f"{summary.lines} lines, {job['documents']} visitors, {job['written']} reports, {seconds:.1f} s",
        highlight=False,
    )
    for what, reasons in (("bots", summary.bots), ("refused", summary.refused)):
        if reasons:
            console.print(f"{what}: {', '.join(f'{reason} {count}' for reason, count in reasons.items())}")
