"""What a visitor sees: computed from the definition and from where it was enrolled before."""

from dataclasses import dataclass

from chalicelib.domain.experiments.experiment import CONTROL, Experiment, State
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.identity import hashed_id
from chalicelib.domain.visitors.visitor import Enrollment


@dataclass(frozen=True, slots=True)
class Assignment:
    """`in_experiment` says whether seeing it may enrol; `reason` is one word for people."""

    variation: str
    in_experiment: bool
    reason: str
    phase: int | None = None


def assign(
    experiment: Experiment | None, visitor_id: str, now: Instant, enrollment: Enrollment | None = None
) -> Assignment:
    """The variation of a visitor: the promoted one, its own from before, or the hash's.

    An enabled experiment shows control before its start and after its end, and to those whose variation
    was removed since. One whose weight is 0 now is still shown to those who have it.
    """
    if experiment is None:
        return Assignment(CONTROL, False, "unknown")
    if experiment.state is State.PROMOTED and experiment.promoted is not None:
        return Assignment(experiment.promoted, False, "promoted")
    if experiment.state is State.DISABLED:
        return Assignment(experiment.variation_keys[0], False, "disabled")
    if not experiment.was_enabled(now):
        over = experiment.is_over(now)
        return Assignment(experiment.variation_keys[0], False, "ended" if over else "scheduled")
    if enrollment is not None and enrollment.variation not in experiment.variation_keys:
        return Assignment(experiment.variation_keys[0], False, "removed")
    if enrollment is not None:
        return Assignment(enrollment.variation, True, "enrolled", enrollment.phase)
    return _by_hash(experiment, visitor_id)


def _by_hash(experiment: Experiment, visitor_id: str) -> Assignment:
    phase = experiment.phase
    variation = phase.variation_of(hashed_id(visitor_id))
    if variation is None:
        return Assignment(phase.variations[0].key, False, "coverage", phase.number)
    return Assignment(variation, True, "split", phase.number)
