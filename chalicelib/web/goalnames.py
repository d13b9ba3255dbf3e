"""The definitions for goals that are named in a request: fresh ones, when a name is not known yet."""

from collections.abc import Iterable

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Instant
from chalicelib.services.newgoals import create_missing
from chalicelib.web.telemetry import warn


def definitions_with(goals: Iterable[str], now: Instant) -> Definitions:
    """Read anew for an unknown goal; with AUTO_CREATE_GOALS it is declared, otherwise it is a warning."""
    named, definitions = list(goals), wiring.definitions()
    if all(goal in definitions.goals for goal in named):
        return definitions
    definitions = wiring.definitions(fresh=True)
    unknown = [goal for goal in named if goal not in definitions.goals]
    if not unknown:
        return definitions
    if settings().auto_create_goals and create_missing(wiring.store(), definitions, unknown, now):
        return wiring.definitions(fresh=True)
    warn("unknown goals", goals=unknown[:10])
    return definitions
