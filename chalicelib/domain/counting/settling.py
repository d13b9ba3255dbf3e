"""What a document keeps of facts that no late arrival can touch: what counts, or may come to count.

A login may bring an earlier enrolment from another device, so that more of a visitor's facts follow
it. Facts are therefore kept as they are for as long as an experiment may come to count them; only
in documents with many those of one day stand together.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sized

from chalicelib.domain.counting.achieved import COUNTS, LASTS
from chalicelib.domain.counting.reasons_to_keep import Need, needs_of
from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import DAY, Instant
from chalicelib.domain.late import SETTLED_AFTER
from chalicelib.domain.visitors.visitor import Fact, Past, Visitor

MANY = 50


def settle(visitor: Visitor, definitions: Definitions, now: Instant) -> Visitor:
    """Move the facts that are old enough to the past, and leave what is final; no tally changes.

    While a definition cannot be read, nothing is left or moved: it may need any of it.
    """
    if definitions.unreadable:
        return visitor
    rules = {name: each for name, each in rules_of(definitions).items() if not each.finalized}
    horizon = now - SETTLED_AFTER
    old = [fact for fact in visitor.facts if fact.at < horizon]
    places = {name: place for name, place in visitor.enrollments.items() if name in rules}
    if not old and len(places) == len(visitor.enrollments) and _held(visitor.past) <= MANY:
        return visitor
    past, needs = _gathered(visitor.past, old), {}
    counted = {name: rules[name].placed(place) for name, place in places.items()}
    for goal, rows in past.items():
        needs[goal] = list(needs_of(goal, rows, definitions, rules, counted, horizon))
        past[goal] = [row for row in rows if any(need.wants(row) for need in needs[goal])]
    if _held(past) > MANY:
        past = {goal: _by_day(rows, needs[goal]) for goal, rows in past.items()}
    return visitor._replace(
        enrollments=places,
        facts=tuple(fact for fact in visitor.facts if fact.at >= horizon),
        past={goal: tuple(rows) for goal, rows in past.items() if rows},
    )


def _gathered(past: Mapping[str, Iterable[Past]], old: Iterable[Fact]) -> dict[str, list[Past]]:
    """By goal, oldest first."""
    rows = {goal: list(known) for goal, known in past.items()}
    for fact in old:
        rows.setdefault(fact.goal, []).append(Past(fact.at, fact.value))
    return {goal: sorted(each, key=_at) for goal, each in rows.items()}


def _held(past: Mapping[str, Sized]) -> int:
    return sum(map(len, past.values()))


def _by_day(rows: Iterable[Past], needs: Iterable[Need]) -> list[Past]:
    """The rows of one day put together where no reason tells them apart; with a value and without
    one stay apart, so that the instant is that of the last value."""
    cuts, keeps = sorted({cut for need in needs for cut in need.cuts()}), 0
    for need in needs:
        keeps |= need.keeps
    found: dict[tuple[int, int, bool], Past] = {}
    for row in rows:
        key = (row.at // DAY, bisect_right(cuts, row.at), row.value is None)
        known = found.get(key)
        found[key] = row if known is None else _together(known, row, keeps)
    return sorted(found.values(), key=_at)


def _together(one: Past, other: Past, keeps: int) -> Past:
    times = one.times + other.times if keeps & COUNTS else 1
    if one.value is None or other.value is None:
        return Past(max(one.at, other.at), None, times)
    at, last = max((one.at, one.last_value), (other.at, other.last_value))
    return Past(at, one.value + other.value, times, last if keeps & LASTS else None)


def _at(past: Past) -> Instant:
    return past.at
