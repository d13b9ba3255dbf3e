"""Experiments, goals and trackers as the text that both stores keep."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib.domain.definitions import Definition, Definitions, definitions_of, kind_of
from chalicelib.domain.errors import Conflict, LeansplitError
from chalicelib.domain.experiments.records import experiment_of, experiment_record, goal_of, goal_record
from chalicelib.domain.instant import Instant, iso_at
from chalicelib.domain.tracking.tracker_record import tracker_of, tracker_record

_RECORD: dict[str, Callable[[Any], dict[str, Any]]] = {
    "experiment": experiment_record,
    "goal": goal_record,
    "tracker": tracker_record,
}
_READ: dict[str, Callable[[Mapping[str, Any], int], Definition]] = {
    "experiment": experiment_of,
    "goal": goal_of,
    "tracker": tracker_of,
}
_BAD_RECORD = (LeansplitError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""What reading a record raises whose content is not what it should be."""

_UNREADABLE = "unreadable"

Stored = tuple[str, str, str, int]
"""Kind, name, text and version."""


def definition_body(definition: Definition) -> str:
    """The text of a definition."""
    return json.dumps(_RECORD[kind_of(definition)](definition), separators=(",", ":"))


def definition_of(kind: str, body: str, version: int) -> Definition:
    """The definition of a text; one of _BAD_RECORD when it is none."""
    return _READ[kind](json.loads(body), version)


def archived_text(kind: str, body: str, now: Instant) -> str:
    """An unreadable text, marked as archived; Conflict when it can be read."""
    try:
        definition_of(kind, body, 0)
    except _BAD_RECORD:
        if _is_archived_text(body):
            return body
    else:
        raise Conflict(f"somebody mended the {kind} meanwhile")
    return json.dumps({_UNREADABLE: body, "archived_at": iso_at(now)})


def snapshot(stored: Iterable[Stored], number: int) -> Definitions:
    """All definitions; what cannot be read stands aside with its reason."""
    found, unreadable, away = [], {}, []
    for kind, name, body, version in stored:
        try:
            found.append(definition_of(kind, body, version))
        except _BAD_RECORD as error:
            if _is_archived_text(body):
                away.append((kind, name))
            else:
                unreadable[kind, name] = f"{type(error).__name__}: {error}"
    return definitions_of(found, number, unreadable, away)


def _is_archived_text(body: str) -> bool:
    try:
        record = json.loads(body)
    except ValueError:
        return False
    return isinstance(record, dict) and _UNREADABLE in record
