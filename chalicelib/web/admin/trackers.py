"""Trackers for operators, with the admin key: declare, read, export, and mend what was set aside."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.names import checked_name
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import iso_day
from chalicelib.domain.table import page, view_from
from chalicelib.domain.tracking.tracker import Tracker, checked_object
from chalicelib.domain.tracking.tracker_record import shown_tracker
from chalicelib.services.experiments.archive import archive_unreadable
from chalicelib.services.tracking import archive_tracker, counter_queries, export_counters, manage_trackers
from chalicelib.services.tracking.counter_queries import Period, Row
from chalicelib.web.admin.listing import listed
from chalicelib.web.admin.requests import ImportInput, ObjectsInput
from chalicelib.web.http.auth import require_admin
from chalicelib.web.http.responses import answer, answered, no_content, object_body

tracker_admin = Blueprint(__name__)
_MOST = 1_000


@tracker_admin.route("/admin/trackers", methods=["GET"])
@answered
def list_trackers() -> Response:
    """All trackers, newest first; `?archived=true`: the archived ones."""
    _authorize()
    found = listed(wiring.definitions(fresh=True), "tracker", _query())
    newest = manage_trackers.newest(found.definitions)
    return answer({"trackers": [shown_tracker(each) for each in newest], **found.rest})


@tracker_admin.route("/admin/trackers", methods=["POST"])
@answered
def create_tracker() -> Response:
    """A new tracker."""
    _authorize()
    return _shown(manage_trackers.create(wiring.store(), _object(), wiring.now()), 201)


@tracker_admin.route("/admin/trackers/{tracker}", methods=["PATCH"])
@answered
def change_tracker(tracker: str) -> Response:
    """Other rules for what is emitted from now on."""
    _authorize()
    return _shown(manage_trackers.change(wiring.store(), tracker, _object()))


@tracker_admin.route("/admin/trackers/{tracker}", methods=["DELETE"])
@answered
def delete_tracker(tracker: str) -> Response:
    """Remove a tracker that counted nothing."""
    _authorize()
    archive_tracker.delete_tracker(wiring.store(), tracker, wiring.now())
    wiring.definitions(fresh=True)
    return no_content()


@tracker_admin.route("/admin/trackers/{tracker}/archive", methods=["POST"])
@answered
def archive_one(tracker: str) -> Response:
    """It takes nothing any more; its counters can still be read."""
    _authorize()
    if archive_unreadable(wiring.store(), "tracker", tracker, wiring.now()):
        wiring.definitions(fresh=True)
        return no_content()
    return _shown(archive_tracker.archive_tracker(wiring.store(), tracker, wiring.now()))


@tracker_admin.route("/admin/trackers/{tracker}/restore", methods=["POST"])
@answered
def restore_tracker(tracker: str) -> Response:
    """It counts again."""
    _authorize()
    return _shown(archive_tracker.restore_tracker(wiring.store(), tracker))


@tracker_admin.route("/admin/trackers/{tracker}", methods=["GET"])
@answered
def read_tracker(tracker: str) -> Response:
    """Its objects over a period: searched, sorted by any field, paged."""
    known, period, found, fields = _read(tracker)
    sortable = {row.object: {field: row.sums[field].amount for field in row.sums} for row in found}
    table = [
        {"row": row, "object": row.object, "label": row.label}
        | {f"field {field}": sortable[row.object].get(field, 0) for field in fields}
        for row in found
    ]
    view = view_from({**_query(), "sort": _sort(_query().get("sort", ""), fields)})
    shown = page(table, view, ["object", "label"], ["object", "label", *(f"field {each}" for each in fields)])
    shown["rows"] = [each["row"].shown(fields) for each in shown["rows"]]
    echo = {"draw": _query()["draw"]} if "draw" in _query() else {}
    return answer({"tracker": shown_tracker(known), **_days(period), **echo, **shown})


@tracker_admin.route("/admin/trackers/{tracker}/top", methods=["GET"])
@answered
def read_top(tracker: str) -> Response:
    """`?field=views&n=10`: the objects with the largest sums."""
    _, period, found, fields = _read(tracker)
    field = checked_name(_query().get("field", fields[0] if fields else ""), "field")
    number = _query().get("n", "10")
    if not number.isascii() or not number.isdigit() or len(number) > 9 or not 1 <= int(number) <= _MOST:
        raise InvalidInput("n", f"must be a whole number from 1 to {_MOST}")
    rows = [row.shown([field]) for row in counter_queries.top(found, field, int(number))]
    return answer({**_days(period), "field": field, "rows": rows})


@tracker_admin.route("/admin/trackers/{tracker}/series", methods=["GET"])
@answered
def read_series(tracker: str) -> Response:
    """`?object=product:42&field=views`: every bucket of a period, 0 where nothing was counted."""
    _authorize()
    known = manage_trackers.get(wiring.store(), tracker)
    object_ = checked_object(_query().get("object"), "object", known.kind)
    field = checked_name(_query().get("field"), "field")
    period = _period()
    values = counter_queries.series(wiring.store(), known, object_, field, period, wiring.now())
    return answer({"tracker": tracker, "object": object_, "field": field, **_days(period), "series": values})


@tracker_admin.route("/admin/trackers/{tracker}/export", methods=["GET"])
@answered
def export_tracker(tracker: str) -> Response:
    """Sum and average by object and field: `?format=csv` or JSON."""
    kind = _query().get("format", "json")
    if kind not in ("json", "csv"):
        raise InvalidInput("format", "must be json or csv")
    _, period, found, fields = _read(tracker)
    if kind == "json":
        return answer({**_days(period), "objects": export_counters.json_of(found, fields)})
    name = f"{tracker}-{iso_day(period.first)}-{iso_day(period.last)}.csv"
    headers: dict[str, str | list[str]] = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=export_counters.csv_of(found, fields), status_code=200, headers=headers)


@tracker_admin.route("/admin/trackers/{tracker}/objects", methods=["POST"])
@answered
def declare_objects(tracker: str) -> Response:
    """`{"objects": ["product:42", {"object": …, "label": …, "target": …}]}`; not of built-in trackers."""
    _authorize()
    known = manage_trackers.living(wiring.store(), tracker)
    declared = manage_trackers.declare(wiring.store(), known, read(ObjectsInput, _object()).objects)
    return answer({"declared": [each.record() for each in declared]}, 201)


@tracker_admin.route("/admin/trackers/{tracker}/objects", methods=["GET"])
@answered
def list_objects(tracker: str) -> Response:
    """The declared objects: searched, sorted, paged."""
    _authorize()
    known = manage_trackers.get(wiring.store(), tracker)
    rows = [each.record() for each in wiring.store().tracked(known.name).values()]
    columns = ["object", "label"]
    return answer(
        page(sorted(rows, key=lambda row: str(row["object"])), view_from(_query()), columns, columns)
    )


@tracker_admin.route("/admin/trackers/{tracker}/import", methods=["POST"])
@answered
def import_counters(tracker: str) -> Response:
    """`{"id": …, "rows": [{"object", "field", "by", "at"}]}`: existing counters, once for each id.

    `imported` is 0 when the same id came before, and all rows otherwise.
    """
    _authorize()
    asked = read(ImportInput, _object())
    imported = manage_trackers.bring_in(wiring.store(), tracker, asked.rows, wiring.now(), asked.id)
    return answer({"rows": len(asked.rows), "imported": imported}, 202)


def _read(name: str) -> tuple[Tracker, Period, list[Row], list[str]]:
    _authorize()
    known = manage_trackers.get(wiring.store(), name)
    period = _period()
    found = counter_queries.rows(wiring.store(), known, period, wiring.now())
    return known, period, found, counter_queries.fields_of(known, found)


def _sort(text: str, fields: list[str]) -> str:
    """Fields may be called like a column; so their sums sort under a name of their own."""
    parts = [part.strip() for part in text.split(",")]
    names = [("-" if part.startswith("-") else "", part.lstrip("-")) for part in parts]
    return ",".join(f"{sign}field {name}" if name in fields else f"{sign}{name}" for sign, name in names)


def _period() -> Period:
    return counter_queries.period_from(_query().get("from"), _query().get("to"), wiring.now())


def _days(period: Period) -> dict[str, str]:
    return {"from": iso_day(period.first), "to": iso_day(period.last)}


def _query() -> Mapping[str, str]:
    return tracker_admin.current_request.query_params or {}


def _authorize() -> None:
    require_admin(tracker_admin.current_request.headers)


def _object() -> dict[str, Any]:
    return object_body(tracker_admin.current_request.raw_body)


def _shown(tracker: Tracker, status: int = 200) -> Response:
    wiring.definitions(fresh=True)
    return answer(shown_tracker(tracker), status)
