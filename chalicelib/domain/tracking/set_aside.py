"""What could not be counted, kept with its reason until somebody mends and replays it."""

import json
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.instant import DAY, Instant, iso_at
from chalicelib.domain.nesting import is_deep

KEPT = 30 * DAY
NO_TRACKER = ""
"""The shelf of what names no tracker that is known."""

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class SetAside:
    """An event as it came; `shelf` is the tracker it lies under, `key` its place there."""

    shelf: str
    key: str
    reason: str
    problem: str
    event: Any
    received_at: Instant
    server: bool = False

    @property
    def id(self) -> str:
        """What a replay names it by."""
        return f"{self.shelf}/{self.key}"

    @property
    def expires_at(self) -> Instant:
        """When it is forgotten."""
        return self.received_at + KEPT

    def shown(self) -> dict[str, Any]:
        """For the list of the admin API."""
        return {
            "id": self.id,
            "tracker": self.shelf or None,
            "reason": self.reason,
            "problem": self.problem,
            "event": kept(self.event),
            "received_at": iso_at(self.received_at),
        }


def kept(event: Any) -> Any:
    """An event, or the beginning of its text when it is too long to keep or holds NaN, or words for what is
    too deep."""
    if is_deep(event):
        return "an event that is nested too deeply to be kept"
    text = json.dumps(event, ensure_ascii=True, default=str)
    return event if len(text) <= _LONGEST and _is_json(event) else text[:_LONGEST]


def _is_json(event: Any) -> bool:
    """NaN and infinite numbers can be read from a request, and written to no answer."""
    try:
        json.dumps(event, default=str, allow_nan=False)
    except ValueError:
        return False
    return True


def aside_record(aside: SetAside) -> dict[str, Any]:
    """What is stored beside shelf and key."""
    return {
        "reason": aside.reason,
        "problem": aside.problem,
        "event": aside.event,
        "received_at": aside.received_at,
        "server": aside.server,
    }
