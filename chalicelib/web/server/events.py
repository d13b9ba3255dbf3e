"""Goals and values as a server tells them, taken in with one write for each visitor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, UnsetType

from chalicelib import wiring
from chalicelib.config import settings
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import LeansplitError
from chalicelib.domain.fields.exact import Amount, At
from chalicelib.domain.fields.reading import read
from chalicelib.domain.fields.text import GoalName, Key
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.event import SERVER, Reached, hashed_event
from chalicelib.services.visitors.collect import collect
from chalicelib.web.events.definitions import definitions_with
from chalicelib.web.events.refusals import count_refused
from chalicelib.web.http.token import new_visitor_id
from chalicelib.web.server.batch import Parsed, Result, done, failure, refused
from chalicelib.web.server.subject import SubjectInput, Who, who_of


class FactInput(SubjectInput, frozen=True, kw_only=True):
    """A goal that somebody reached: without an id an event of its own, without `at` reached now."""

    goal: GoalName
    value: Amount | None = None
    id: Key | UnsetType = UNSET
    at: At | None = None


class ValueInput(FactInput, frozen=True, kw_only=True):
    """The same, where the value must not be missing."""

    value: Amount


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of somebody; `id` is the sender's, or ours when it sent none."""

    who: Who
    id: str
    fact: Reached


def fact_from(fields: Mapping[str, Any], field: str, now: Instant) -> Told:
    """A goal that was reached, at `now` if nothing else is said; InvalidInput names the field."""
    return _told(read(FactInput, fields, field), field, now)


def value_from(fields: Mapping[str, Any], field: str, now: Instant) -> Told:
    """The same, where the value must not be missing."""
    return _told(read(ValueInput, fields, field), field, now)


def _told(written: FactInput, field: str, now: Instant) -> Told:
    who = who_of(written, field, settings().token_keys)
    told_id = new_visitor_id() if isinstance(written.id, UnsetType) else written.id
    at = now if written.at is None else written.at
    return Told(who, told_id, Reached(hashed_event(told_id), at, written.goal, written.value))


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
