"""The definitions for what a request names: read again when a name is not known yet."""

from collections.abc import Iterable, Sequence

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import Enrolled, Event, Reached
from chalicelib.services.experiments.auto_create_goals import create_missing
from chalicelib.web.http.telemetry import warn


def definitions_for(events: Sequence[Event], now: Instant) -> Definitions:
    """Those that a browser's events are read by: it may know of an experiment before we do."""
    known = wiring.definitions()
    if any(isinstance(event, Enrolled) and not _takes(known, event) for event in events):
        wiring.renewed_definitions()
    return definitions_with((event.goal for event in events if isinstance(event, Reached)), now)


def _takes(known: Definitions, event: Enrolled) -> bool:
    experiment = known.experiments.get(event.experiment)
    if experiment is None or not experiment.was_enabled(event.at):
        return False
    return event.phase is None or experiment.phase_numbered(event.phase) is not None


def definitions_with(goals: Iterable[str], now: Instant) -> Definitions:
    """Read again for an unknown goal; with AUTO_CREATE_GOALS it is declared, otherwise it is a warning."""
    named, definitions = list(goals), wiring.definitions()
    if all(goal in definitions.goals for goal in named):
        return definitions
    definitions = wiring.renewed_definitions()
    unknown = [goal for goal in named if goal not in definitions.goals]
    if not unknown:
        return definitions
    if settings().auto_create_goals and create_missing(wiring.store(), definitions, unknown, now):
        return wiring.definitions(fresh=True)
    warn("unknown goals", goals=unknown[:10])
    return definitions
