"""Which variation a visitor sees; nothing is written."""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.assignment import Assignment, assign
from chalicelib.services.store import VisitorStore
from chalicelib.services.visitors.visitor_documents import find


@dataclass(frozen=True, slots=True)
class Assigned:
    """For whom it counts, and what that visitor sees by experiment."""

    visitor_id: str
    assignments: dict[str, Assignment]


def assigned(
    store: VisitorStore,
    definitions: Definitions,
    visitor_id: str,
    names: Iterable[str],
    now: Instant,
    signed: bool = True,
) -> Assigned:
    """The assignment of each named experiment, or of every enabled one when none is named.

    Refused as by `find`; the visitor of the answer is the one that the id was joined to.
    """
    names = list(names) or [experiment.name for experiment in definitions.enabled]
    visitor = find(store, visitor_id, now, signed).visitor
    assignments = {
        name: assign(definitions.experiments.get(name), visitor.id, now, visitor.enrollments.get(name))
        for name in names
    }
    return Assigned(visitor.id, assignments)
