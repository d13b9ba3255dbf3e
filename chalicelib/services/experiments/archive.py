"""Archive, restore and delete experiments and goals."""

from collections.abc import Callable, Iterable
from typing import Protocol

from chalicelib.domain.definitions import Definitions, problem_of_parts
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
    """Archive an experiment; Refusal while it is enabled. Idempotent."""
    experiment = experiment_named(store.definitions(), name)
    changed = archiving.archive(experiment, now)
    return experiment if changed == experiment else store.save_experiment(changed)


def restore_experiment(store: DefinitionStore, name: str) -> Experiment:
    """Bring an experiment back, disabled or promoted as it was. Idempotent."""
    known = store.definitions()
    experiment = experiment_named(known, name)
    for goal in experiment.goals:
        if goal not in known.goals:
            raise Refusal(f"the experiment {name!r} reports the goal {goal!r}: restore or declare it first")
    changed = archiving.restore(experiment)
    return experiment if changed == experiment else store.save_experiment(changed)


def delete_experiment(store: Store, name: str, now: Instant) -> None:
    """Remove an experiment that nobody took part in; Refusal otherwise."""
    experiment = experiment_named(store.definitions(), name)
    if experiment.state is State.ENABLED and not experiment.is_over(now):
        raise Refusal(f"the experiment {name!r} is enabled: disable it first")
    what = f"the experiment {name!r}"
    if store.written_reports(name):
        raise Refusal(f"{what} has reports: archive it")
    if experiment.has_begun(now) and experiment.archived_at is not None:
        raise Refusal(f"{what} was enabled: it stays archived")
    if experiment.has_begun(now):
        _check_unused(store, now, what, lambda visitor: name in visitor.enrollments)
    store.remove_definition("experiment", name, experiment.version)


def archive_goal(store: DefinitionStore, name: str, now: Instant) -> Goal:
    """Archive a goal; Refusal while an experiment or a ratio names it. Idempotent."""
    known = store.definitions()
    goal = goal_named(known, name)
    _check_unnamed(name, known.experiments.values(), known.goals.values())
    changed = archiving.archive_goal(goal, now)
    return goal if changed == goal else store.save_goal(changed)


def restore_goal(store: DefinitionStore, name: str) -> Goal:
    """Bring a goal back; Refusal for a ratio of goals that are not there. Idempotent."""
    known = store.definitions()
    goal = goal_named(known, name)
    changed = archiving.restore_goal(goal)
    problem = problem_of_parts(changed, known.goals)
    if problem is not None and changed != goal:
        raise Refusal(f"{problem.problem}: restore or declare it first")
    return goal if changed == goal else store.save_goal(changed)


def delete_goal(store: Store, name: str, now: Instant) -> None:
    """Remove a goal that nobody reached; Refusal otherwise."""
    known = store.definitions()
    goal = goal_named(known, name)
    experiments = [*known.experiments.values(), *known.archived_of(Experiment)]
    _check_unnamed(name, experiments, [*known.goals.values(), *known.archived_of(Goal)])
    _check_unreported(store, name, experiments)

    def reached(visitor: Visitor) -> bool:
        return name in visitor.past or any(fact.goal == name for fact in visitor.facts)

    _check_unused(store, now, f"the goal {name!r}", reached)
    store.remove_definition("goal", name, goal.version)


def archive_unreadable(store: DefinitionStore, kind: str, name: str, now: Instant) -> bool:
    """Archive a definition that cannot be read; whether there was one."""
    known = store.definitions()
    if (kind, name) in known.archived_unreadable:
        return True
    if (kind, name) not in known.unreadable:
        return False
    if kind == "goal":
        _check_unnamed(name, known.experiments.values(), known.goals.values())
    store.archive_unreadable(kind, name, now)
    return True


def experiment_named(known: Definitions, name: str) -> Experiment:
    """An experiment, archived or not; NotFound."""
    found = known.find(Experiment, name)
    if found is None:
        raise NotFound("experiment", name)
    return found


def goal_named(known: Definitions, name: str) -> Goal:
    """A goal, archived or not; NotFound."""
    found = known.find(Goal, name)
    if found is None:
        raise NotFound("goal", name)
    return found


def _check_unnamed(name: str, experiments: Iterable[Experiment], goals: Iterable[Goal]) -> None:
    """Refusal while an experiment reports the goal by name, or a ratio divides it."""
    for experiment in experiments:
        if name in experiment.goals:
            raise Refusal(f"the experiment {experiment.name!r} reports the goal {name!r}")
    for goal in goals:
        if name in [part.goal for part in goal.parts] and goal.name != name:
            raise Refusal(f"the ratio {goal.name!r} needs the goal {name!r}")


def _check_unreported(store: Store, name: str, experiments: Iterable[Experiment]) -> None:
    """Refusal when the newest report of an experiment has counted the goal, or is too large to tell."""
    for experiment in experiments:
        days = list(store.written_reports(experiment.name))
        report = store.load_report(experiment.name, days[-1]) if days else None
        if report is None or "error" in report:
            continue
        tallies = report.get("tallies")
        if tallies is None or any(name in each["goals"] or name in each["parts"] for each in tallies):
            raise Refusal(f"a report of {experiment.name!r} has the goal {name!r}: archive it")


def _check_unused(store: Store, now: Instant, what: str, uses: Callable[[Visitor], bool]) -> None:
    """Refusal when a visitor's document uses it, or when there are too many documents to search."""
    if store.visitor_bytes() > MOST_BYTES:
        raise Refusal(f"{what} may have been counted: archive it")
    for page in store.visitor_pages(0, 1, now, None):
        if page.unreadable or any(map(uses, page.visitors)):
            raise Refusal(f"{what} was counted: archive it")
