"""Experiments and goals that nobody declared: a warning, and in development an error."""

from collections.abc import Mapping, Sequence

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.visitors.event import Enrolled, Event, Reached
from chalicelib.web.http.telemetry import warn

_MOST_NAMED = 10
"""Names that one line of the log holds, whatever a request names."""


def check_experiments(names: Sequence[str], field: str) -> None:
    """One warning of the names that are unknown, also after reading again; in development InvalidInput."""
    if all(name in wiring.definitions().experiments for name in names):
        return
    known = wiring.renewed_definitions().experiments
    unknown = [name for name in names if name not in known]
    if not unknown:
        return
    warn("unknown experiments", experiments=unknown[:_MOST_NAMED])
    if settings().development:
        raise InvalidInput(field, f"there is no experiment {unknown[0]!r}")


def undeclared(events: Sequence[Event], refused: Mapping[int, str]) -> InvalidInput | None:
    """The first event of a batch that was refused because its goal or experiment is unknown."""
    for index, reason in sorted(refused.items()):
        event = events[index]
        if reason == "unknown_goal" and isinstance(event, Reached):
            return InvalidInput(f"events[{index}].goal", f"there is no goal {event.goal!r}")
        if reason == "unknown_experiment" and isinstance(event, Enrolled):
            return InvalidInput(f"events[{index}].experiment", f"there is no experiment {event.experiment!r}")
    return None
