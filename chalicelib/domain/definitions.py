"""All experiments, goals and trackers as they stand at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chalicelib.domain.experiment import Experiment, State
from chalicelib.domain.goal import Goal
from chalicelib.domain.tracker import BUILT_IN, Tracker


@dataclass(frozen=True, eq=False)
class Definitions:
    """What every request and every recount decides by. A snapshot equals only itself."""

    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    goals: Mapping[str, Goal] = field(default_factory=dict)
    trackers: Mapping[str, Tracker] = field(default_factory=lambda: dict(BUILT_IN))

    @property
    def enabled(self) -> list[Experiment]:
        """The experiments that visitors enrol in now."""
        return [each for each in self.experiments.values() if each.state is State.ENABLED]

    def goals_of(self, experiment: Experiment) -> dict[str, Goal]:
        """The goals that an experiment reports: those that it names and the parts of their ratios, or all."""
        if not experiment.goals:
            return dict(self.goals)
        named = [self.goals[name] for name in experiment.goals if name in self.goals]
        parts = [part.goal for goal in named for part in goal.parts]
        names = dict.fromkeys([*(goal.name for goal in named), *parts])
        return {name: self.goals[name] for name in names if name in self.goals}
