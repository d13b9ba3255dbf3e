"""What a drawn experiment is made of, and the request that it becomes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries

Counts = NDArray[Any]
"""Over experiments, arms and days; cumulative where nothing else is said."""

Rng = np.random.Generator


@dataclass(frozen=True)
class Goal:
    """A goal of many experiments: n, sums and non-zero counts, each (experiments, arms, days)."""

    type: str
    n: Counts
    sums: tuple[Counts, ...]
    nonzero: Counts
    pre: tuple[Counts, ...] = ()
    scale: int = 1

    def series(self, i: int) -> GoalSeries:
        """The tallies of one experiment."""
        arms = range(self.n.shape[1])
        return GoalSeries(tuple(self._arm(i, k) for k in arms), self.scale)

    def _arm(self, i: int, k: int) -> ArmSeries:
        return ArmSeries(
            f"arm{k}",
            self.n[i, k].tolist(),
            tuple(column[i, k].tolist() for column in self.sums),
            self.nonzero[i, k].tolist(),
            tuple(column[i, k].tolist() for column in self.pre),
        )


@dataclass(frozen=True)
class Part:
    """A phase: its shares, the row of its first day, and its goals (from that day to the last of all)."""

    split: tuple[float, ...]
    first: int
    goals: Sequence[Goal]


@dataclass(frozen=True)
class Draw:
    """Phases, the current one last; `rules` are fields of each goal."""

    parts: Sequence[Part]
    rules: dict[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.parts[0].goals[0].n.shape[0])

    def requests(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """One for each experiment, as a report hands it to the statistics."""
        return [self._request(i, plan) for i in range(self.size)]

    def _request(self, i: int, plan: dict[str, Any]) -> dict[str, Any]:
        *earlier, current = self.parts
        goals = [
            {"key": f"goal{g}", "type": goal.type, "arms": goal.series(i), **self.rules}
            for g, goal in enumerate(current.goals)
        ]
        phases = [
            {
                "weights": _weights(part.split),
                "first": part.first,
                "visitors_by_day": _visitors(part.goals[0], i),
                "goals": {f"goal{g}": goal.series(i) for g, goal in enumerate(part.goals)},
            }
            for part in earlier
        ]
        own = {"phases": phases} if phases else {}
        return {"weights": _weights(current.split), "goals": goals, **own, **plan}


Drawing = Callable[[Rng, int], Draw]


def one_phase(split: tuple[float, ...], *goals: Goal, **rules: Any) -> Draw:
    """An experiment whose weights never changed."""
    return Draw([Part(split, 0, goals)], rules)


def arrivals(rng: Rng, size: int, split: tuple[float, ...], daily: Sequence[float]) -> Counts:
    """New visitors by arm and day."""
    expected = np.array(split)[:, None] / sum(split) * np.array(daily)
    return rng.poisson(expected, (size, *expected.shape))


def running(column: Counts) -> Counts:
    """What each day added, added up."""
    return np.cumsum(column, axis=2)


def _weights(split: tuple[float, ...]) -> dict[str, int]:
    return {f"arm{k}": round(10_000 * share / sum(split)) for k, share in enumerate(split)}


def _visitors(goal: Goal, i: int) -> dict[str, list[int]]:
    return {f"arm{k}": goal.n[i, k].tolist() for k in range(goal.n.shape[1])}
