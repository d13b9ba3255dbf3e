"""Trackers and what was set aside: routes for operators."""

from typing import Annotated, Literal

from msgspec import Meta

from infra.contract import requests
from infra.contract.admin_operations import ARCHIVED, KEYED, SET, WRITTEN, done, lives_of, named
from infra.contract.error_answers import ANYWHERE, BAD, NO_STORE, NOT_FOUND, UNAUTHORIZED
from infra.contract.operation import JSON, Answer, Body, Header, Method, Operation, Parameter
from infra.contract.text_formats import Day, Name, ObjectId
from infra.contract.tracker_answers import (
    CounterSeries,
    DeclaredObjects,
    Dismissed,
    ExportedCounters,
    ImportedCounters,
    ObjectTable,
    Replayed,
    SetAsideTable,
    ShownTracker,
    TopObjects,
    TrackerList,
    TrackerTable,
)

_Whole = Annotated[int, Meta(ge=0, le=999_999_999)]
_PERIOD = (
    Parameter("from", Day, "the first day; 29 days before the last one if it is missing"),
    Parameter("to", Day, "the last day; today if it is missing"),
)
_PAGE = (
    Parameter("search", str, "words that all must occur"),
    Parameter("sort", str, "columns, `-` before one that begins with the largest", example="-object"),
    Parameter("start", _Whole, "how many rows to leave out; 0 if it is missing"),
    Parameter("length", _Whole, "how many rows, 1,000 at most; 25 if it is missing"),
)
_TRACKER = named("tracker", "the tracker's name", "products")
_READ = {**KEYED, 400: BAD, 404: NOT_FOUND}
_CHANGED = {**WRITTEN, 404: NOT_FOUND}
_EXPORTED = Answer(
    "the sums: JSON, or with `format=csv` a file",
    {JSON: ExportedCounters, "text/csv": str},
    {
        **NO_STORE,
        "Content-Disposition": Header("of a CSV file: its name", always=False),
        "X-Content-Type-Options": Header("of a CSV file", Literal["nosniff"], always=False),
    },
)


def _of_trackers() -> list[Operation]:
    base, one = "/admin/trackers", "/admin/trackers/{tracker}"
    return [
        _trackers("GET", base, {200: done(TrackerList, "the trackers"), **KEYED, 400: BAD}, ARCHIVED),
        _trackers(
            "POST",
            base,
            {201: done(ShownTracker, "the new tracker"), **WRITTEN},
            body=Body(requests.NewTracker),
        ),
        _trackers(
            "PATCH",
            one,
            {200: done(ShownTracker, "the tracker after the change"), **_CHANGED},
            _TRACKER,
            body=Body(requests.TrackerChange),
        ),
        _trackers(
            "GET",
            one,
            {200: done(TrackerTable, "a page of its objects"), **_READ},
            _TRACKER,
            *_PERIOD,
            *_PAGE,
            Parameter("draw", str, "comes back in the answer"),
        ),
        *lives_of(
            one,
            "trackers",
            done(ShownTracker, "the tracker after the change"),
            _TRACKER,
            {**SET, 400: BAD},
        ),
    ]


def _of_counters() -> list[Operation]:
    one = "/admin/trackers/{tracker}"
    return [
        _trackers(
            "GET",
            f"{one}/top",
            {200: done(TopObjects, "the objects"), **_READ},
            _TRACKER,
            Parameter("field", Name, "the field; the first one if it is missing", example="views"),
            Parameter("n", Annotated[int, Meta(ge=1, le=1000)], "how many; 10 if it is missing"),
            *_PERIOD,
        ),
        _trackers(
            "GET",
            f"{one}/series",
            {200: done(CounterSeries, "the series"), **_READ},
            _TRACKER,
            Parameter("object", ObjectId, "the object", required=True, example="product:42"),
            Parameter("field", Name, "the field", required=True, example="views"),
            *_PERIOD,
        ),
        _trackers(
            "GET",
            f"{one}/export",
            {200: _EXPORTED, **_READ},
            _TRACKER,
            Parameter("format", Literal["json", "csv"], "`json` unless it says `csv`", example="csv"),
            *_PERIOD,
        ),
        _trackers(
            "POST",
            f"{one}/import",
            {202: done(ImportedCounters, "they are counted within a minute"), **_CHANGED},
            _TRACKER,
            body=Body(requests.Import),
        ),
    ]


def _of_objects() -> list[Operation]:
    path = "/admin/trackers/{tracker}/objects"
    return [
        _trackers("GET", path, {200: done(ObjectTable, "a page of them"), **_READ}, _TRACKER, *_PAGE),
        _trackers(
            "POST",
            path,
            {201: done(DeclaredObjects, "the objects"), **_CHANGED},
            _TRACKER,
            body=Body(requests.Objects),
        ),
    ]


def _of_set_aside() -> list[Operation]:
    base = "/admin/set-aside"
    return [
        _trackers(
            "GET",
            base,
            {200: done(SetAsideTable, "a page of them"), **KEYED, 400: BAD},
            Parameter("tracker", str, "of one tracker; empty: of those that name none"),
            *_PAGE,
        ),
        _trackers(
            "POST",
            f"{base}/replay",
            {200: done(Replayed, "what became of each"), **WRITTEN},
            body=Body(requests.Replay),
        ),
        _trackers(
            "POST",
            f"{base}/dismiss",
            {200: done(Dismissed, "what became of each"), **ANYWHERE, 401: UNAUTHORIZED, 400: BAD},
            body=Body(requests.Dismissal),
        ),
    ]


def _trackers(
    method: Method, path: str, answers: dict[int, Answer], *parameters: Parameter, body: Body | None = None
) -> Operation:
    tag = "set aside" if path.startswith("/admin/set-aside") else "trackers"
    return Operation(method, path, tag, "admin", answers, parameters, body)


OPERATIONS = [*_of_trackers(), *_of_counters(), *_of_objects(), *_of_set_aside()]
