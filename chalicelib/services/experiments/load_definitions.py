"""Load a file of definitions: a list of experiments, or an object with experiments, goals and trackers.

The whole file is checked before anything of it is written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Protocol

from msgspec import Meta, Struct, structs

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, InvalidInput
from chalicelib.domain.experiments.experiment import Experiment, State
from chalicelib.domain.experiments.experiment_input import ExperimentInput, experiment_with
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.experiments.goal_input import GoalInput, goal_of_entry
from chalicelib.domain.fields.reading import joined, read
from chalicelib.domain.fields.text import GoalName
from chalicelib.domain.instant import Instant
from chalicelib.domain.tracking.tracker import Tracker
from chalicelib.domain.tracking.tracker_input import tracker_from
from chalicelib.services.experiments.declare_goals import check_parts, save_goals
from chalicelib.services.store import DefinitionStore
from chalicelib.services.tracking_store import TrackerStore

MOST_ENTRIES = 2_000
Entries = Annotated[tuple[Any, ...], Meta(max_length=MOST_ENTRIES)]


class DefinitionsFile(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A file; each entry is read by itself."""

    experiments: Entries = ()
    goals: Entries = ()
    trackers: Entries = ()


class Store(DefinitionStore, TrackerStore, Protocol):
    """What loading needs of a store."""


@dataclass
class Loaded:
    """What loading a file did, by name; a warning for each entry that was left out."""

    added: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    trackers: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def load(store: Store, body: object, now: Instant, strict: bool = False) -> Loaded:
    """Add what is missing and say what was done; those that exist keep their state and dates.

    New experiments are disabled, unless the store holds no experiment at all: then `state` and the dates
    are taken as written. A bad entry is a warning and the rest is loaded; with `strict` it is InvalidInput
    and nothing is. A file of another shape is InvalidInput always.
    """
    plan = _Plan(store.definitions(), now, strict)
    plan.read(_file(body), prefixed=isinstance(body, dict))
    return plan.write(store)


def _file(body: object) -> DefinitionsFile:
    if isinstance(body, list):
        return read(DefinitionsFile, {"experiments": body})
    if isinstance(body, dict) and body:
        return read(DefinitionsFile, body)
    names = ", ".join(DefinitionsFile.__struct_fields__)
    raise InvalidInput("body", f"must be a list of experiments, or an object with {names}")


class _Plan:
    """What a file comes to: everything that will be written, and what was said of the rest."""

    def __init__(self, known: Definitions, now: Instant, strict: bool) -> None:
        self._known, self._now, self._strict = known, now, strict
        self._written: dict[str, ExperimentInput] = {}
        self._goals: dict[str, _Declared] = {}
        self._experiments: dict[str, Experiment] = {}
        self._trackers: dict[str, Tracker] = {}
        self._loaded = Loaded()

    def read(self, file: DefinitionsFile, prefixed: bool) -> None:
        """Check every entry by itself, then what they say of each other, in whatever order they stand."""
        base = "experiments" if prefixed else ""
        entries = {f"{base}[{index}]": entry for index, entry in enumerate(file.experiments)}
        goals = {f"goals[{index}]": entry for index, entry in enumerate(file.goals)}
        trackers = {f"trackers[{index}]": entry for index, entry in enumerate(file.trackers)}
        self._each(goals, self._goal)
        self._each(entries, self._experiment)
        self._each({each.path: each for each in list(self._goals.values())}, self._parts)
        self._each({path: written for path, written in self._written.items()}, self._with_goals)
        self._each(trackers, self._tracker)
        named = {*self._experiments, *self._loaded.existing}
        self._loaded.orphaned = [name for name in self._known.experiments if name not in named]

    def write(self, store: Store) -> Loaded:
        """Write what is new: the goals first, since a load that was cut short is repeated."""
        loaded = self._loaded
        loaded.goals = save_goals(store, [each.goal for each in self._goals.values()])
        for experiment in self._experiments.values():
            was_new = _saved(experiment, store.save_experiment, lambda: store.definitions().experiments)
            (loaded.added if was_new else loaded.existing).append(experiment.name)
        for tracker in self._trackers.values():
            if _saved(tracker, store.save_tracker, lambda: store.definitions().trackers):
                loaded.trackers.append(tracker.name)
        return loaded

    def _each(self, entries: Mapping[str, Any], check: Callable[[str, Any], None]) -> None:
        for path, entry in entries.items():
            try:
                check(path, entry)
            except InvalidInput as problem:
                if self._strict:
                    raise
                self._loaded.warnings.append(str(problem))

    def _goal(self, path: str, entry: object) -> None:
        kind: Any = GoalName if isinstance(entry, str) else GoalInput
        self._declare(path, read(kind, entry, path), self._now)

    def _declare(self, path: str, entry: str | GoalInput, declared_at: Instant) -> None:
        """An object says more than a name, wherever it stands; two of them must say the same."""
        goal, by_name = goal_of_entry(entry, declared_at), isinstance(entry, str)
        if goal.name in self._known.goals:
            return
        self._known.check_new("goal", goal.name, path)
        there = self._goals.get(goal.name)
        if there is None or (there.by_name and not by_name):
            self._goals[goal.name] = _Declared(path, goal, by_name)
        elif not by_name and replace(there.goal, declared_at=declared_at) != goal:
            raise InvalidInput(path, f"the goal {goal.name!r} stands in this file twice, with other rules")

    def _experiment(self, path: str, entry: object) -> None:
        written = read(ExperimentInput, entry, path)
        there = self._experiments.get(written.name)
        if written.name in self._known.experiments:
            self._loaded.existing.append(written.name)
            return
        if there is not None and written in self._written.values():
            return
        if there is not None:
            raise InvalidInput(joined(path, "name"), f"{written.name!r} stands in this file twice")
        self._known.check_new("experiment", written.name, joined(path, "name"))
        experiment, declared_at = experiment_with(written, self._now, path), self._now
        if self._known.experiments:
            experiment = self._as_disabled(written, path)
        elif experiment.started_at is not None:
            declared_at = min(self._now, experiment.started_at)
        before = dict(self._goals)
        try:
            for index, goal in enumerate(written.goals):
                self._declare(f"{path}.goals[{index}]", goal, declared_at)
        except InvalidInput:
            self._goals = before
            raise
        self._experiments[experiment.name], self._written[path] = experiment, written

    def _parts(self, path: str, declared: "_Declared") -> None:
        goals = {name: each.goal for name, each in self._goals.items()}
        try:
            check_parts(declared.goal, {**self._known.goals, **goals}, path)
        except InvalidInput:
            del self._goals[declared.goal.name]
            raise

    def _with_goals(self, path: str, written: ExperimentInput) -> None:
        """An experiment whose goals can't be declared is left out."""
        for index, name in enumerate(written.goal_names):
            if name not in self._known.goals and name not in self._goals:
                del self._experiments[written.name]
                raise InvalidInput(f"{path}.goals[{index}]", f"the goal {name!r} cannot be declared")

    def _tracker(self, path: str, entry: object) -> None:
        tracker = tracker_from(entry, self._now, path)
        if tracker.name in self._known.trackers or self._trackers.get(tracker.name) == tracker:
            return
        if tracker.name in self._trackers:
            raise InvalidInput(joined(path, "name"), f"{tracker.name!r} stands in this file twice")
        self._known.check_new("tracker", tracker.name, joined(path, "name"))
        self._trackers[tracker.name] = tracker

    def _as_disabled(self, written: ExperimentInput, path: str) -> Experiment:
        if written.state is not State.DISABLED or written.started_at is not None:
            warning = f"{path}.state: is taken only into an empty store; added as disabled"
            self._loaded.warnings.append(warning)
        fields = {**structs.asdict(written), "state": State.DISABLED}
        for name in ("started_at", "ended_at", "promoted"):
            fields[name] = None
        return experiment_with(ExperimentInput(**fields), self._now, path)


@dataclass(frozen=True, slots=True)
class _Declared:
    """A goal of the file, and where it stands; `by_name` that it says nothing else."""

    path: str
    goal: Goal
    by_name: bool


def _saved(definition: Any, save: Callable[[Any], Any], known: Callable[[], Any]) -> bool:
    """Write a new definition; False when another request has made it meanwhile."""
    try:
        save(definition)
    except Conflict:
        if definition.name not in known():
            raise
        return False
    return True
