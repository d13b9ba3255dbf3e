"""What operators do with experiments and goals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, InvalidInput, NotFound
from chalicelib.domain.experiments import experiment as rules
from chalicelib.domain.experiments.experiment import Experiment, State
from chalicelib.domain.experiments.experiment_input import (
    coverage_from,
    experiment_from,
    goal_from,
    variations_from,
)
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant
from chalicelib.services.store import DefinitionStore

_CHANGEABLE = frozenset({"description", "coverage", "variations", "weights"})


@dataclass
class Loaded:
    """What loading a file of definitions did, by name; a warning for each entry that was left out."""

    added: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    goals: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def load(store: DefinitionStore, entries: object, now: Instant) -> Loaded:
    """Add the experiments that are missing; those that exist keep their state and dates.

    New ones are disabled, unless the store holds no experiment at all: then `state` and the dates
    are taken as written. A bad entry is a warning and the rest is processed; anything but a list
    is InvalidInput.
    """
    if not isinstance(entries, list):
        raise InvalidInput("body", "must be a list of experiments")
    known = store.definitions()
    goals = set(known.goals)
    loaded = Loaded()
    for index, entry in enumerate(entries):
        try:
            _load_entry(store, known, goals, entry, now, f"[{index}]", loaded)
        except InvalidInput as error:
            loaded.warnings.append(str(error))
    named = {*loaded.added, *loaded.existing}
    loaded.orphaned = [name for name in known.experiments if name not in named]
    return loaded


def create(store: DefinitionStore, entry: object, now: Instant) -> Experiment:
    """A new experiment and the goals that it names; InvalidInput when the name is taken."""
    experiment = experiment_from(entry, now)
    known = store.definitions()
    if experiment.name in known.experiments:
        raise InvalidInput("name", f"there is already an experiment {experiment.name!r}")
    assert isinstance(entry, Mapping)
    # The goals first: repeated after a failure in between, the request finds them and does the rest.
    _declare(store, set(known.goals), entry.get("goals") or [], now, "goals")
    return store.save_experiment(experiment)


def declare_goal(store: DefinitionStore, entry: object, now: Instant) -> Goal:
    """A new goal; InvalidInput when the name is taken."""
    goal = goal_from(entry, now)
    known = store.definitions().goals
    if goal.name in known:
        raise InvalidInput("name", f"there is already a goal {goal.name!r}")
    _check_parts({goal.name: goal}, set(known), "numerator")
    return store.save_goal(goal)


def get(store: DefinitionStore, name: str) -> Experiment:
    """An experiment; NotFound."""
    experiment = store.definitions().experiments.get(name)
    if experiment is None:
        raise NotFound("experiment", name)
    return experiment


def enable(store: DefinitionStore, name: str, now: Instant) -> Experiment:
    """Let visitors enrol."""
    return _change(store, name, lambda each: rules.enable(each, now))


def disable(store: DefinitionStore, name: str, now: Instant) -> Experiment:
    """Show control to everybody."""
    return _change(store, name, lambda each: rules.disable(each, now))


def promote(store: DefinitionStore, name: str, variation: str, now: Instant) -> Experiment:
    """Show one variation to everybody."""
    return _change(store, name, lambda each: rules.promote(each, variation, now))


def change(store: DefinitionStore, name: str, fields: Mapping[str, Any], now: Instant) -> Experiment:
    """Other weights (the next phase), more coverage (the same phase) or another description."""
    for key in fields:
        if key not in _CHANGEABLE:
            raise InvalidInput(key, f"cannot be changed; {', '.join(sorted(_CHANGEABLE))} can")
    return _change(store, name, lambda each: _changed(each, fields, now))


def _changed(experiment: Experiment, fields: Mapping[str, Any], now: Instant) -> Experiment:
    if "variations" in fields or "weights" in fields:
        written = {"variations": list(experiment.variation_keys), **fields}
        experiment = rules.reweigh(experiment, variations_from(written), now)
    if "coverage" in fields:
        experiment = rules.cover(experiment, coverage_from(fields["coverage"]), now)
    if "description" in fields:
        if not isinstance(fields["description"], str):
            raise InvalidInput("description", "must be text")
        experiment = replace(experiment, description=fields["description"])
    return experiment


def _change(store: DefinitionStore, name: str, decide: Callable[[Experiment], Experiment]) -> Experiment:
    experiment = get(store, name)
    changed = decide(experiment)
    return experiment if changed == experiment else store.save_experiment(changed)


def _load_entry(
    store: DefinitionStore,
    known: Definitions,
    goals: set[str],
    entry: object,
    now: Instant,
    path: str,
    loaded: Loaded,
) -> None:
    experiment = experiment_from(entry, now, path)
    if experiment.name in known.experiments or experiment.name in loaded.added:
        loaded.existing.append(experiment.name)
        return
    assert isinstance(entry, Mapping)
    declared_at = now
    if known.experiments:
        experiment = _as_disabled(experiment, entry, now, path, loaded)
    elif experiment.started_at is not None:
        declared_at = min(now, experiment.started_at)
    loaded.goals += _declare(store, goals, entry.get("goals") or [], declared_at, f"{path}.goals")
    try:
        store.save_experiment(experiment)
    except Conflict:
        # Another request may have made it meanwhile.
        if experiment.name not in store.definitions().experiments:
            raise
        loaded.existing.append(experiment.name)
    else:
        loaded.added.append(experiment.name)


def _as_disabled(
    experiment: Experiment, entry: Mapping[str, Any], now: Instant, path: str, loaded: Loaded
) -> Experiment:
    if experiment.state is not State.DISABLED or experiment.started_at is not None:
        loaded.warnings.append(f"{path}.state: is taken only into an empty store; added as disabled")
    kept = {
        key: value
        for key, value in entry.items()
        if key not in ("state", "started_at", "ended_at", "promoted")
    }
    return experiment_from(kept, now, path)


def _declare(
    store: DefinitionStore, known: set[str], entries: list[Any], now: Instant, path: str
) -> list[str]:
    goals = [goal_from(entry, now, f"{path}[{index}]") for index, entry in enumerate(entries)]
    missing = {goal.name: goal for goal in goals if goal.name not in known}
    _check_parts(missing, known, path)
    for goal in missing.values():
        try:
            store.save_goal(goal)
        except Conflict:
            # Another request may have declared it meanwhile.
            if goal.name not in store.definitions().goals:
                raise
    known.update(missing)
    return list(missing)


def _check_parts(goals: Mapping[str, Goal], known: set[str], path: str) -> None:
    for goal in goals.values():
        for part in goal.parts:
            other = goals.get(part.goal)
            if (other is None and part.goal not in known) or (other is not None and other.parts):
                raise InvalidInput(path, f"the ratio {goal.name!r} needs the goal {part.goal!r}")
