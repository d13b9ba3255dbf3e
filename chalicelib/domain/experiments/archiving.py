"""Put experiments and goals away, and bring them back."""

from dataclasses import replace

from chalicelib.domain.errors import Refusal
from chalicelib.domain.experiments.experiment import Experiment, State
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import Instant


def archive(experiment: Experiment, now: Instant) -> Experiment:
    """Out of lists, script and reports; its last report is final. Refusal while visitors may enrol."""
    if experiment.archived_at is not None:
        return experiment
    if experiment.state is State.ENABLED and not experiment.is_over(now):
        raise Refusal(f"the experiment {experiment.name!r} is enabled: disable or promote it first")
    final = experiment.finalized_at
    if final is None and experiment.has_begun(now):
        # What documents hold of it may be dropped from now on, so nothing may be counted for it again.
        final = now
    return replace(experiment, archived_at=now, finalized_at=final)


def restore(experiment: Experiment) -> Experiment:
    """As it was before; one that had begun stays final, and begins its next phase when it is enabled."""
    return replace(experiment, archived_at=None)


def archive_goal(goal: Goal, now: Instant) -> Goal:
    """Out of lists and reports: what visitors reach from now on does not count."""
    return goal if goal.archived_at is not None else replace(goal, archived_at=now)


def restore_goal(goal: Goal) -> Goal:
    """It counts again; what was reached meanwhile was refused."""
    return goal if goal.archived_at is None else replace(goal, archived_at=None)
