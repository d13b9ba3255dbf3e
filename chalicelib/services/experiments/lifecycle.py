"""What operators do with experiments: create, change, enable, disable, promote."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Refusal
from chalicelib.domain.experiments import experiment as rules
from chalicelib.domain.experiments.experiment import Experiment
from chalicelib.domain.experiments.experiment_change import changed
from chalicelib.domain.experiments.experiment_input import ExperimentInput, experiment_with
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import Instant
from chalicelib.services.experiments.archive import experiment_named
from chalicelib.services.experiments.declare_goals import new_goals, save_goals
from chalicelib.services.store import DefinitionStore


def create(store: DefinitionStore, entry: object, now: Instant) -> Experiment:
    """A new experiment and the goals that it names; InvalidInput when the name is taken."""
    written = read(ExperimentInput, entry)
    experiment = experiment_with(written, now)
    known = store.definitions()
    known.check_new("experiment", experiment.name)
    # The goals first: repeated after a failure in between, the request finds them and does the rest.
    save_goals(store, new_goals(known, written.goals, now, "goals"))
    return store.save_experiment(experiment)


def get(store: DefinitionStore, name: str) -> Experiment:
    """An experiment, archived or not; NotFound."""
    return experiment_named(store.definitions(), name)


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
    """What is not named stays: see `experiment_change.changed`. Goals that are new are declared."""
    known = store.definitions()
    experiment = _living(known, name)
    after, written = changed(experiment, fields, now)
    if after == experiment:
        return experiment
    if written is not None:
        save_goals(store, new_goals(known, written.goals, now, "goals"))
    return store.save_experiment(after)


def _change(store: DefinitionStore, name: str, decide: Callable[[Experiment], Experiment]) -> Experiment:
    experiment = _living(store.definitions(), name)
    after = decide(experiment)
    return experiment if after == experiment else store.save_experiment(after)


def _living(known: Definitions, name: str) -> Experiment:
    if ("experiment", name) in known.archived:
        raise Refusal(f"the experiment {name!r} is archived: restore it first")
    return experiment_named(known, name)
