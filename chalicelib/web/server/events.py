"""Goals and values as a server tells them, taken in with one write for each visitor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import InvalidInput, LeansplitError
from chalicelib.domain.instant import Instant, parse_at
from chalicelib.domain.visitors.event import SERVER, Reached, event_from
from chalicelib.services.visitors.collect import collect
from chalicelib.web.events.definitions import definitions_with
from chalicelib.web.events.refusals import count_refused
from chalicelib.web.http.token import new_visitor_id
from chalicelib.web.server.batch import Parsed, Result, done, failure, refused
from chalicelib.web.server.subject import Who, who_from


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of somebody; `id` is the sender's, or ours when it sent none."""

    who: Who
    id: str
    fact: Reached


def fact_from(fields: Mapping[str, Any], path: str, now: Instant) -> Told:
    """A goal that was reached, at `now` if nothing else is said; InvalidInput names the field."""
    who = who_from(fields, path, settings().token_keys)
    told_id = fields.get("id", new_visitor_id())
    at = instant_from(fields, path, now)
    fact = event_from({**fields, "type": "goal", "id": told_id}, at, path.rstrip("."))
    assert isinstance(fact, Reached)
    return Told(who, told_id, fact)


def value_from(fields: Mapping[str, Any], path: str, now: Instant) -> Told:
    """The same, where the value must not be missing."""
    if fields.get("value") is None:
        raise InvalidInput(f"{path}value", "must be a number")
    return fact_from(fields, path, now)


def instant_from(fields: Mapping[str, Any], path: str, now: Instant) -> Instant:
    """`at`, or now; InvalidInput when it is no time."""
    return now if fields.get("at") is None else parse_at(fields["at"], f"{path}at")


def collect_all(parsed: Parsed, now: Instant) -> None:
    """Take all facts in: those of one visitor together, in their order."""
    together: dict[Who, list[int]] = {}
    for index, told in parsed.items.items():
        together.setdefault(told.who, []).append(index)
    definitions = definitions_with([told.fact.goal for told in parsed.items.values()], now)
    for who, indexes in together.items():
        results = _collect(who, [parsed.items[index] for index in indexes], definitions, now)
        parsed.results.update(zip(indexes, results, strict=True))


def _collect(who: Who, told: list[Told], definitions: Definitions, now: Instant) -> list[Result]:
    facts = [each.fact for each in told]
    try:
        collected = collect(
            wiring.store(), definitions, who.visitor_id, facts, now, SERVER, True, who.registered
        )
    except LeansplitError as problem:
        return [failure(problem)] * len(told)
    count_refused(facts, collected, now)
    return [
        refused(collected.refused[place]) if place in collected.refused else done(id=each.id)
        for place, each in enumerate(told)
    ]
