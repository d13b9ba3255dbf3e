"""Declare goals as they come, where the setting AUTO_CREATE_GOALS wants it."""

from collections.abc import Iterable
from dataclasses import replace

from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict
from chalicelib.domain.experiments.goal_input import goal_from
from chalicelib.domain.fields.text import ANY_GOAL
from chalicelib.domain.instant import Instant
from chalicelib.domain.late import LATE_FROM_SERVERS
from chalicelib.services.store import DefinitionStore

MAX_GOALS = 200
"""With so many goals no more are made by themselves: a browser can name any."""


def create_missing(
    store: DefinitionStore, definitions: Definitions, names: Iterable[str], now: Instant
) -> bool:
    """Declare goals that are not there, from the oldest time a server may tell of; whether any was made."""
    missing = [name for name in dict.fromkeys(names) if _is_new(definitions, name)]
    room = MAX_GOALS - len(definitions.goals)
    for name in missing[: max(room, 0)]:
        try:
            goal = goal_from(name, now - LATE_FROM_SERVERS)
            store.save_goal(replace(goal, auto_created=True))
        except Conflict:
            continue  # somebody else made it meanwhile
    return bool(missing[: max(room, 0)])


def _is_new(definitions: Definitions, name: str) -> bool:
    """What was archived stays away."""
    there = ("goal", name) in {**definitions.archived, **definitions.unreadable}
    return name not in definitions.goals and name != ANY_GOAL and not there
