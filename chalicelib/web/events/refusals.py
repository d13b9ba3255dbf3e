"""What is refused is counted, and that it cannot be counted breaks nobody's page."""

from collections.abc import Iterable, Mapping, Sequence

from chalicelib import wiring
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import Event, Reached
from chalicelib.services.tracking.exclusions import Exclusions, exclude
from chalicelib.services.visitors.collect import Collected
from chalicelib.web.http.telemetry import count, failed
from chalicelib.web.http.token import new_visitor_id


def exclude_request(experiments: Iterable[str], reason: str, now: Instant) -> None:
    """A request that counts for nobody: a bot's, a forced view."""
    known = wiring.definitions().experiments
    named = {name for name in experiments if name in known} or {""}
    _append(now, excluded={(name, reason): 1 for name in named})
    count("excluded_bots", {reason: 1})


def count_refused(events: Sequence[Event], collected: Collected, now: Instant, bad_events: int = 0) -> None:
    """Events that a document did not take, by reason, and the goals that nobody declared."""
    reasons = collected.reasons
    if bad_events:
        reasons["bad_event"] += bad_events
    if reasons:
        _append(now, refused=reasons, unknown_goals=_unknown_goals(events, collected))
        count("refused_events", reasons)


def count_mail_proxy(goal: str, now: Instant) -> None:
    """A mailed picture that was fetched by a mail provider and not by its reader's browser."""
    _append(now, mail_proxies={goal: 1})


def _unknown_goals(events: Sequence[Event], collected: Collected) -> dict[str, int]:
    goals: dict[str, int] = {}
    for index, reason in collected.refused.items():
        event = events[index]
        if reason == "unknown_goal" and isinstance(event, Reached):
            goals[event.goal] = goals.get(event.goal, 0) + 1
    return goals


def _append(
    now: Instant,
    excluded: Exclusions | None = None,
    refused: Mapping[str, int] | None = None,
    unknown_goals: Mapping[str, int] | None = None,
    mail_proxies: Mapping[str, int] | None = None,
) -> None:
    try:
        exclude(wiring.store(), now, new_visitor_id(), excluded, refused, unknown_goals, mail_proxies)
    except Exception:  # noqa: BLE001 the visitor's page must not break
        failed("exclude")
