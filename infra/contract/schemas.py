"""JSON Schema of the types, as msgspec writes it, with one place for all components."""

import inspect
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import msgspec

from infra.contract import (
    definition_answers,
    error_answers,
    job_answers,
    tracker_answers,
    visitor_answers,
)
from infra.contract.alternatives import COMPONENTS
from infra.contract.exact_schemas import exact_schema
from infra.contract.report import blocks, comparison, goals, tallies, whole
from infra.contract.request_fields import explained

Schema = dict[str, Any]
_MODULES = (
    *(definition_answers, error_answers, job_answers, tracker_answers, visitor_answers),
    *(blocks, comparison, goals, tallies, whole),
)


class Schemas:
    """Schemas that share components; only those that are referred to are kept."""

    def __init__(self) -> None:
        known = [each for module in _MODULES for each in _structs(module)]
        self._all = _with_components(known)[1]
        self._used: set[str] = set()

    def of(self, kind: Any) -> Schema:
        """The schema of a type: a reference where it is an object with a name."""
        (schema,), components = _with_components([kind])
        self._all |= components
        self._use(schema)
        return schema

    def components(self) -> dict[str, Schema]:
        """What the schemas refer to, by name."""
        return {name: explained(name, self._all[name]) for name in sorted(self._used)}

    def _use(self, schema: Schema) -> None:
        for name in _references(schema):
            if name not in self._used:
                self._used.add(name)
                self._use(self._all[name])


def moved(schema: Any, place: str) -> Any:
    """The same schema with its components at another place."""
    return json.loads(json.dumps(schema).replace(f'"{COMPONENTS}', f'"{place}'))


def _with_components(kinds: list[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    schemas, components = msgspec.json.schema_components(
        kinds, schema_hook=exact_schema, ref_template=COMPONENTS + "{name}"
    )
    return _portable(list(schemas)), _portable(components)


def _portable(schema: Any) -> Any:
    """As other programs read it best: descriptions without indentation, patterns for any engine, tuples by
    their length."""
    if isinstance(schema, list):
        return [_portable(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: _portable(value) for key, value in schema.items()}
    if isinstance(found.get("description"), str):
        found["description"] = inspect.cleandoc(found["description"])
    if isinstance(found.get("pattern"), str):
        # Elsewhere `$` is the end of the text alone, and half a character is no character at all.
        found["pattern"] = found["pattern"].replace("$(?!\\n)", "$").replace(r"\ud800-\udfff", "")
    if "prefixItems" in found and found.get("items") is False:
        del found["items"]
    return found


def _structs(module: ModuleType) -> Iterator[type[msgspec.Struct]]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, msgspec.Struct):
            yield value


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(COMPONENTS)
        for value in schema.values():
            yield from _references(value)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)
