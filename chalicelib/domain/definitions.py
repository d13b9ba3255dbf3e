"""All experiments, goals and trackers as they stand at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import Experiment, State
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.late import LATE_FROM_SERVERS
from chalicelib.domain.tracking.tracker import BUILT_IN, Tracker

Definition = Experiment | Goal | Tracker
_FOLDED_AFTER = 8 * DAY
_D = TypeVar("_D", Experiment, Goal, Tracker)


@dataclass(frozen=True, eq=False)
class Definitions:
    """What every request and every recount decides by. A snapshot equals only itself.

    `number` counts the changes of all definitions: a snapshot holds at least so many. `unreadable`
    are stored definitions that cannot be read, as (kind, name), with the reason: visitors see nothing of
    them, and documents keep what they may need until somebody repairs or archives them. `archived` are the
    archived definitions by (kind, name), `archived_unreadable` the archived ones that cannot be read.
    """

    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    trackers: Mapping[str, Tracker] = field(default_factory=lambda: dict(BUILT_IN))
    number: int = 0
    unreadable: Mapping[tuple[str, str], str] = field(default_factory=dict)
    archived: Mapping[tuple[str, str], Definition] = field(default_factory=dict)
    archived_unreadable: frozenset[tuple[str, str]] = frozenset()

    @property
    def enabled(self) -> list[Experiment]:
        """The experiments of the state `enabled`; one that is scheduled or has ended shows control."""
        return [each for each in self.experiments.values() if each.state is State.ENABLED]

    def in_use(self, kind: str) -> Mapping[str, Any]:
        """Every `experiment`, `goal` or `tracker` that is not archived, by name."""
        return {"experiment": self.experiments, "goal": self.goals, "tracker": self.trackers}[kind]

    def archived_of(self, kind: type[_D]) -> list[_D]:
        """Every archived definition of a class."""
        return [each for each in self.archived.values() if isinstance(each, kind)]

    def find(self, kind: type[_D], name: str) -> _D | None:
        """A definition of a class, archived or not."""
        word = kind.__name__.lower()
        found = self.in_use(word).get(name) or self.archived.get((word, name))
        return found if isinstance(found, kind) else None

    def check_new(self, kind: str, name: str, field: str = "name") -> None:
        """InvalidInput when an `experiment`, `goal` or `tracker` of that name exists, in whatever state."""
        a_kind = f"an {kind}" if kind == "experiment" else f"a {kind}"
        if name in self.in_use(kind):
            raise InvalidInput(field, f"there is already {a_kind} {name!r}")
        if (kind, name) in self.archived:
            raise InvalidInput(field, f"there is an archived {kind} {name!r}: restore it or use another name")
        if (kind, name) in self.unreadable:
            raise InvalidInput(field, f"there is {a_kind} {name!r} that cannot be read: use another name")
        if (kind, name) in self.archived_unreadable:
            raise InvalidInput(
                field, f"there is an archived {kind} {name!r} that cannot be read: use another name"
            )

    def trackers_to_fold(self, now: Instant) -> list[Tracker]:
        """Trackers in use, and trackers archived lately, for which messages may still be waiting."""
        lately = [each for each in self.archived_of(Tracker) if (each.archived_at or 0) > now - _FOLDED_AFTER]
        return [*self.trackers.values(), *lately]

    def goals_of(self, experiment: Experiment) -> dict[str, Goal]:
        """The goals that an experiment reports: those that it names and the parts of their ratios, or all."""
        if not experiment.goals:
            known = {**self.goals, **self._archived_during(experiment)}
            return {name: goal for name, goal in known.items() if not self._too_new(goal, experiment)}
        named = [self.goals[name] for name in experiment.goals if name in self.goals]
        parts = [part.goal for goal in named for part in goal.parts]
        names = dict.fromkeys([*(goal.name for goal in named), *parts])
        return {name: self.goals[name] for name in names if name in self.goals}

    def unreadable_goals_of(self, experiment: Experiment) -> list[str]:
        """The goals that an experiment reports, and the parts of its ratios, that cannot be read."""
        missing = sorted(name for kind, name in self.unreadable if kind == "goal")
        if not experiment.goals:
            return missing
        known = [self.goals[name] for name in experiment.goals if name in self.goals]
        asked = {*experiment.goals, *(part.goal for goal in known for part in goal.parts)}
        return [name for name in missing if name in asked]

    def problem_of(self, experiment: Experiment) -> InvalidInput | None:
        """What today's rules say against an experiment or a goal that it reports, if anything."""
        if experiment.problem is not None:
            return experiment.problem
        for name, goal in self.goals_of(experiment).items():
            if goal.problem is not None and goal.archived_at is None:
                return InvalidInput(f"goals.{name}.{goal.problem.field}", goal.problem.problem)
        return None

    def _archived_during(self, experiment: Experiment) -> dict[str, Goal]:
        """Goals archived since the experiment began: reports of earlier days still show them."""
        begun = experiment.started_at
        return {
            each.name: each
            for each in self.archived_of(Goal)
            if begun is not None and (each.archived_at or 0) > begun
        }

    def _too_new(self, goal: Goal, experiment: Experiment) -> bool:
        """Whether a ratio came when some of what its parts counted was no longer kept one by one."""
        divided = [self.find(Goal, part.goal) for part in goal.parts]
        parts = [each.declared_at for each in divided if each is not None]
        begun = experiment.started_at
        return begun is not None and any(
            goal.declared_at - max(begun, declared_at) > LATE_FROM_SERVERS for declared_at in parts
        )


def definitions_of(
    definitions: Iterable[Definition],
    number: int,
    unreadable: Mapping[tuple[str, str], str],
    archived_unreadable: Iterable[tuple[str, str]] = (),
) -> Definitions:
    """A snapshot of what a store holds, with the built-in trackers."""
    everything = list(definitions)
    goals = _living(Goal, everything)
    return Definitions(
        _living(Experiment, everything),
        {name: _judged(goal, goals) for name, goal in goals.items()},
        {**BUILT_IN, **_living(Tracker, everything)},
        number,
        dict(unreadable),
        {(kind_of(each), each.name): each for each in everything if each.archived_at is not None},
        frozenset(archived_unreadable),
    )


def problem_of_parts(goal: Goal, known: Mapping[str, Goal]) -> InvalidInput | None:
    """What is wrong with the goals that a ratio divides."""
    for name, part in (("numerator", goal.numerator), ("denominator", goal.denominator)):
        other = None if part is None else known.get(part.goal)
        if part is not None and other is None:
            return InvalidInput(name, f"the ratio {goal.name!r} needs the goal {part.goal!r}")
        if part is not None and other is not None and other.parts:
            problem = f"the ratio {goal.name!r} needs a goal that is no ratio: {part.goal!r} is one"
            return InvalidInput(name, problem)
    return None


def _judged(goal: Goal, known: Mapping[str, Goal]) -> Goal:
    """A ratio of nothing that can be divided, as an earlier version let it in, bears its problem."""
    problem = problem_of_parts(goal, known) if goal.problem is None else None
    return goal if problem is None else replace(goal, problem=problem)


def kind_of(definition: Definition) -> str:
    """`experiment`, `goal` or `tracker`."""
    return type(definition).__name__.lower()


def _living(kind: type[_D], everything: Iterable[Definition]) -> dict[str, _D]:
    return {each.name: each for each in everything if isinstance(each, kind) and each.archived_at is None}
