"""Which variation a visitor sees; nothing is written."""

from collections.abc import Iterable

from chalicelib.domain.assignment import Assignment, assign
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Refused
from chalicelib.domain.instant import Instant
from chalicelib.services.store import VisitorStore


def assign_all(
    store: VisitorStore,
    definitions: Definitions,
    visitor_id: str,
    names: Iterable[str],
    now: Instant,
    signed: bool = True,
) -> dict[str, Assignment]:
    """The assignment of each named experiment, or of every enabled one when none is named.

    Refused("claimed") when the id came without the signature that it had before.
    """
    names = list(names) or [experiment.name for experiment in definitions.enabled]
    visitor, _ = store.load_visitor(visitor_id, now)
    if visitor.claimed_at is not None and not signed:
        raise Refused("claimed")
    return {
        name: assign(definitions.experiments.get(name), visitor_id, visitor.enrollments.get(name))
        for name in names
    }
