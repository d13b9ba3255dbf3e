"""What a server shows: the variation, and the place in the experiment that comes with seeing it."""

from collections.abc import Sequence

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import Instant
from chalicelib.domain.visitors.assignment import Assignment, assign
from chalicelib.domain.visitors.event import hashed_event
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Visitor, confirm, enroll
from chalicelib.services.retry import attempts
from chalicelib.services.store import VisitorStore
from chalicelib.services.visitors.assign import Assigned
from chalicelib.services.visitors.visitor_documents import find, save


def expose(
    store: VisitorStore,
    definitions: Definitions,
    visitor_id: str,
    names: Sequence[str],
    confirmation: Confirmation | None,
    now: Instant,
) -> Assigned:
    """The assignment of each named experiment; it enrols where the visitor was not yet enrolled.

    Without a confirmation the enrolments of a visitor that is not known to be human wait in its
    document. Refused as by `find`.
    """
    for _ in attempts():
        found = find(store, visitor_id, now)
        visitor = found.visitor
        assignments = {
            name: assign(definitions.experiments.get(name), visitor.id, now, visitor.enrollments.get(name))
            for name in names
        }
        changed = _enrolled(visitor, definitions, assignments, now)
        if confirmation is not None and changed is not visitor:
            changed = confirm(changed, confirmation)
        try:
            save(store, definitions, found, changed, now, signed=True)
        except Conflict:
            continue
        return Assigned(visitor.id, assignments)
    raise Conflict(f"visitor {visitor_id} was written by too many at once")


def _enrolled(
    visitor: Visitor, definitions: Definitions, assignments: dict[str, Assignment], now: Instant
) -> Visitor:
    for name, assignment in assignments.items():
        if not assignment.in_experiment or assignment.phase is None or name in visitor.enrollments:
            continue
        event = hashed_event(f"assign {name} {assignment.phase} {visitor.id}")
        # A phase that another Lambda began a moment ago may begin later than this one's clock says.
        at = max(now, definitions.experiments[name].phases[assignment.phase - 1].started_at)
        visitor = enroll(visitor, name, Enrollment(assignment.variation, assignment.phase, at, event))
    return visitor
