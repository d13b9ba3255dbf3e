"""A recount of all that a store in memory holds, and what it says of one experiment."""

from dataclasses import dataclass, field

from chalicelib.domain.counting.rules import rules_of
from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.instant import Instant
from chalicelib.services.reports.recount import fold_page
from chalicelib.storage.memory.store import MemoryStore


@dataclass
class Counts:
    """By variation the participants, by (variation, goal) [conversions, sum in ten-thousandths]."""

    enrolled: dict[str, int] = field(default_factory=dict)
    goals: dict[tuple[str, str], list[int]] = field(default_factory=dict)


def recount(store: MemoryStore, now: Instant) -> Tally:
    tally = Tally()
    rules = rules_of(store.definitions())
    for page in store.visitor_pages(0, 1, now, None):
        assert page.unreadable == []
        fold_page(tally, page, rules)
    return tally


def counts(store: MemoryStore, experiment: str, now: Instant) -> Counts:
    """Everything up to now, without zeros."""
    found = Counts()
    for (name, _, variation), arm in recount(store, now).arms.items():
        if name != experiment:
            continue
        found.enrolled[variation] = found.enrolled.get(variation, 0) + sum(arm.enrolled.values())
        for goal, days in arm.goals.items():
            row = [sum(day.conversions for day in days.values()), sum(day.sum for day in days.values())]
            found.goals[variation, goal] = row
    found.enrolled = {key: count for key, count in found.enrolled.items() if count}
    found.goals = {key: row for key, row in found.goals.items() if any(row)}
    return found
