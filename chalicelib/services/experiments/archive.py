"""Archive, restore and delete experiments and goals."""

from collections.abc import Callable
from typing import Protocol

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import NotFound, Refusal
from chalicelib.domain.experiments import archiving
from chalicelib.domain.experiments.experiment import Experiment, State
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.store import DefinitionStore, ReportStore, VisitorStore

MOST_BYTES = 32 * 1024 * 1024
"""How much of the visitors' documents is searched while somebody waits for the answer."""


class Store(DefinitionStore, VisitorStore, ReportStore, Protocol):
    """What deleting needs of a store."""


def archive_experiment(store: DefinitionStore, name: str, now: Instant) -> Experiment:
    """Put an experiment away; Refusal while it is enabled. Twice is once."""
    experiment = experiment_named(store.definitions(), name)
    changed = archiving.archive(experiment, now)
    return experiment if changed == experiment else store.save_experiment(changed)


def restore_experiment(store: DefinitionStore, name: str) -> Experiment:
    """Bring an experiment back, disabled or promoted as it was. Twice is once."""
    experiment = experiment_named(store.definitions(), name)
    changed = archiving.restore(experiment)
    return experiment if changed == experiment else store.save_experiment(changed)


def delete_experiment(store: Store, name: str, now: Instant) -> None:
    """Remove an experiment that nobody took part in; Refusal otherwise."""
    experiment = experiment_named(store.definitions(), name)
    if experiment.state is State.ENABLED and not experiment.is_over(now):
        raise Refusal(f"the experiment {name!r} is enabled: disable it first")
    if experiment.has_begun(now):
        what = f"the experiment {name!r}"
        if store.written_reports(name):
            raise Refusal(f"{what} has reports: archive it")
        _check_unused(store, now, what, lambda visitor: name in visitor.enrollments)
    store.remove_definition("experiment", name, experiment.version)


def archive_goal(store: DefinitionStore, name: str, now: Instant) -> Goal:
    """Put a goal away; Refusal while an experiment or a ratio names it. Twice is once."""
    known = store.definitions()
    goal = goal_named(known, name)
    _check_unnamed(known, name)
    changed = archiving.archive_goal(goal, now)
    return goal if changed == goal else store.save_goal(changed)


def restore_goal(store: DefinitionStore, name: str, now: Instant) -> Goal:
    """Bring a goal back, counting from now on. Twice is once."""
    goal = goal_named(store.definitions(), name)
    changed = archiving.restore_goal(goal, now)
    return goal if changed == goal else store.save_goal(changed)


def delete_goal(store: Store, name: str, now: Instant) -> None:
    """Remove a goal that nobody reached; Refusal otherwise."""
    known = store.definitions()
    goal = goal_named(known, name)
    _check_unnamed(known, name)

    def reached(visitor: Visitor) -> bool:
        return name in visitor.past or any(fact.goal == name for fact in visitor.facts)

    _check_unused(store, now, f"the goal {name!r}", reached)
    store.remove_definition("goal", name, goal.version)


def archive_unreadable(store: DefinitionStore, kind: str, name: str, now: Instant) -> bool:
    """Put a definition away that cannot be read; whether there was one."""
    if (kind, name) not in store.definitions().unreadable:
        return False
    store.archive_unreadable(kind, name, now)
    return True


def experiment_named(known: Definitions, name: str) -> Experiment:
    """An experiment, archived or not; NotFound."""
    found = known.experiments.get(name) or known.archived.get(("experiment", name))
    if not isinstance(found, Experiment):
        raise NotFound("experiment", name)
    return found


def goal_named(known: Definitions, name: str) -> Goal:
    """A goal, archived or not; NotFound."""
    found = known.goals.get(name) or known.archived.get(("goal", name))
    if not isinstance(found, Goal):
        raise NotFound("goal", name)
    return found


def _check_unnamed(known: Definitions, name: str) -> None:
    """Refusal while an experiment that is not final reports the goal by name, or a ratio divides it."""
    for experiment in known.experiments.values():
        if name in experiment.goals and experiment.finalized_at is None:
            raise Refusal(f"the experiment {experiment.name!r} reports the goal {name!r}")
    for goal in known.goals.values():
        if name in [part.goal for part in goal.parts]:
            raise Refusal(f"the ratio {goal.name!r} needs the goal {name!r}")


def _check_unused(store: Store, now: Instant, what: str, uses: Callable[[Visitor], bool]) -> None:
    """Refusal when a visitor's document has to do with it, or when there are too many to look."""
    if store.visitor_bytes() > MOST_BYTES:
        raise Refusal(f"{what} may have been counted: archive it")
    for page in store.visitor_pages(0, 1, now, None):
        if page.unreadable or any(map(uses, page.visitors)):
            raise Refusal(f"{what} was counted: archive it")
