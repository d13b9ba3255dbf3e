"""What people write to define a tracker, checked; and the record that is stored and shown."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.instant import Instant, iso_at, recorded_at
from chalicelib.domain.name import checked_name
from chalicelib.domain.tracking.tracker import BUILT_IN, Granularity, Tracker

KEYS = frozenset(
    {"name", "kind", "fields", "granularity", "count_spiders", "strict", "declared_only", "server_only"}
    | {"public_key", "origins", "click_field", "retention_days", "lanes"}
)
FIXED = frozenset({"name", "kind", "granularity"})
MAX_LANES = 64
_MAX_FIELDS = 50


def tracker_from(entry: object, now: Instant, field: str = "") -> Tracker:
    """A new tracker; InvalidInput names the field."""
    base = f"{field}." if field else ""
    fields = _known(entry, base or "body")
    name = checked_name(fields.get("name"), f"{base}name")
    if name in BUILT_IN:
        raise InvalidInput(f"{base}name", f"{name!r} is built in")
    tracker = Tracker(
        name=name,
        kind=checked_name(fields.get("kind"), f"{base}kind"),
        fields=tuple(_names(fields.get("fields"), f"{base}fields")),
        granularity=_granularity(fields.get("granularity", Granularity.DAILY), f"{base}granularity"),
        count_spiders=_switch(fields, "count_spiders", base),
        strict=_switch(fields, "strict", base),
        declared_only=_switch(fields, "declared_only", base),
        server_only=_switch(fields, "server_only", base),
        public_key=_optional_text(fields.get("public_key"), f"{base}public_key"),
        origins=tuple(_origins(fields.get("origins", []), f"{base}origins")),
        click_field=_optional_text(fields.get("click_field"), f"{base}click_field"),
        retention_days=_whole(fields.get("retention_days"), f"{base}retention_days", 36_500),
        lanes=_whole(fields.get("lanes", 4), f"{base}lanes", MAX_LANES) or 4,
        declared_at=now,
    )
    if tracker.click_field is not None and tracker.click_field not in tracker.fields:
        raise InvalidInput(f"{base}click_field", "must be one of the fields")
    return tracker


def changed(tracker: Tracker, entry: Mapping[str, Any]) -> Tracker:
    """The tracker with other rules; InvalidInput for its name, kind or granularity, and for fewer lanes."""
    for key in entry:
        if key in FIXED:
            raise InvalidInput(key, "cannot be changed")
    written = {key: value for key, value in tracker_record(tracker).items() if key in KEYS}
    after = tracker_from({**written, **entry}, tracker.declared_at)
    if after.lanes < tracker.lanes:
        raise InvalidInput("lanes", "must not shrink: what lies in a lane would be left there")
    return replace(after, version=tracker.version)


def tracker_record(tracker: Tracker) -> dict[str, Any]:
    """All of a tracker but its version."""
    return {
        "name": tracker.name,
        "kind": tracker.kind,
        "fields": list(tracker.fields),
        "granularity": tracker.granularity.value,
        "count_spiders": tracker.count_spiders,
        "strict": tracker.strict,
        "declared_only": tracker.declared_only,
        "server_only": tracker.server_only,
        "public_key": tracker.public_key,
        "origins": list(tracker.origins),
        "click_field": tracker.click_field,
        "retention_days": tracker.retention_days,
        "lanes": tracker.lanes,
        "declared_at": iso_at(tracker.declared_at),
    }


def tracker_of(record: Mapping[str, Any], version: int = 0) -> Tracker:
    """The tracker of such a record."""
    parts = {
        **record,
        "fields": tuple(record["fields"]),
        "origins": tuple(record["origins"]),
        "granularity": Granularity(record["granularity"]),
        "declared_at": recorded_at(record["declared_at"]),
    }
    return Tracker(**parts, version=version)


def _known(entry: object, field: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        raise InvalidInput(field.rstrip("."), "must be an object")
    for key in entry:
        if key not in KEYS:
            raise InvalidInput(str(key), f"is not known; known are {', '.join(sorted(KEYS))}")
    return entry


def _names(value: object, field: str) -> list[str]:
    if not isinstance(value, list) or not 0 < len(value) <= _MAX_FIELDS:
        raise InvalidInput(field, f"must be a list of 1 to {_MAX_FIELDS} names")
    names = [checked_name(each, f"{field}[{index}]") for index, each in enumerate(value)]
    if len(set(names)) < len(names):
        raise InvalidInput(field, "has a name twice")
    return names


def _origins(value: object, field: str) -> list[str]:
    if not isinstance(value, list):
        raise InvalidInput(field, "must be a list")
    for index, each in enumerate(value):
        if not isinstance(each, str) or not each.startswith(("https://", "http://")) or each.count("/") != 2:
            raise InvalidInput(f"{field}[{index}]", "must be an origin like https://example.com")
    return [str(each).lower() for each in value]


def _granularity(value: object, field: str) -> Granularity:
    try:
        return Granularity(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidInput(field, f"must be one of {', '.join(Granularity)}") from error


def _switch(fields: Mapping[str, Any], key: str, base: str) -> bool:
    value = fields.get(key, False)
    if not isinstance(value, bool):
        raise InvalidInput(f"{base}{key}", "must be true or false")
    return value


def _optional_text(value: object, field: str) -> str | None:
    if value is not None and (not isinstance(value, str) or not 0 < len(value) <= 128):
        raise InvalidInput(field, "must be text of 1 to 128 characters")
    return value


def _whole(value: object, field: str, most: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InvalidInput(field, f"must be a whole number from 1 to {most}")
    return value
