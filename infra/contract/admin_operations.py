"""Experiments, goals, reports and jobs: routes for operators."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from infra.contract import requests
from infra.contract.alternatives import either
from infra.contract.definition_answers import (
    ExperimentList,
    GoalList,
    LoadedDefinitions,
    PublishedExperiment,
    PublishedSite,
    ReportDays,
    ReportLink,
    ShownExperiment,
    ShownGoal,
)
from infra.contract.error_answers import BAD, CONFLICT, NO_STORE, NOT_FOUND, STORED, UNAUTHORIZED
from infra.contract.job_answers import Job
from infra.contract.operation import Answer, Body, Method, Operation, Parameter, json_answer
from infra.contract.report.whole import FailedReport, ReportView
from infra.contract.text_formats import Name

KEYED = {**STORED, 401: UNAUTHORIZED}
WRITTEN = {**KEYED, 400: BAD, 409: CONFLICT}
_NAMED = {404: NOT_FOUND}


def done(body: Any, description: str) -> Answer:
    """The answer to a request that was done."""
    return json_answer(body, description, NO_STORE)


def named(name: str, what: str, example: str = "") -> Parameter:
    """A name in the path."""
    return Parameter(name, Name, what, "path", True, example)


_EXPERIMENT = named("name", "the experiment's name", "headline")
_GOAL = named("name", "the goal's name", "buy")
_REPORTED = named("experiment", "the experiment's name", "headline")
_DAY = Parameter(
    "day", requests.DayOrLatest, "a day, or `latest` for that of the newest report", "path", True, "latest"
)
_JOB = Parameter("job_id", str, "the `id` of the job", "path", True, "manual-dGhlLWpvYi1vZi1leGFtcGxl")
ARCHIVED = Parameter(
    "archived", Literal["true", "false"], "`true`: those that were archived, in place of the others"
)
_LISTED = {**KEYED, 400: BAD}
SET = {**KEYED, 404: NOT_FOUND, 409: CONFLICT}
"""What a change without a body may answer beside the changed definition."""

_DELETED = Answer("it was deleted", headers=NO_STORE)
_ARCHIVED_UNREADABLE = Answer("it was archived, and cannot be read", headers=NO_STORE)


def lives_of(
    path: str, tag: str, shown: Answer, name: Parameter, others: Mapping[int, Answer]
) -> list[Operation]:
    """Archive, restore and delete a definition; `others` are the answers beside the good ones."""
    one = tag.removesuffix("s")
    archived: Mapping[int, Answer] = {200: shown, 204: _ARCHIVED_UNREADABLE, **others}
    return [
        Operation("POST", f"{path}/archive", tag, "admin", archived, (name,), id=f"archive_{one}"),
        Operation(
            "POST", f"{path}/restore", tag, "admin", {200: shown, **others}, (name,), id=f"restore_{one}"
        ),
        Operation("DELETE", path, tag, "admin", {204: _DELETED, **others}, (name,), id=f"delete_{one}"),
    ]


def _of_experiments() -> list[Operation]:
    base, one, tag = "/admin/experiments", "/admin/experiments/{name}", "experiments"
    changed = done(PublishedExperiment, "the experiment after the change")
    changes: dict[int, Answer] = {200: changed, **SET, 400: BAD}
    return [
        _admin("GET", base, tag, {200: done(ExperimentList, "the experiments"), **_LISTED}, ARCHIVED),
        _admin(
            "POST",
            base,
            tag,
            {201: done(PublishedExperiment, "the new experiment"), **WRITTEN},
            body=Body(requests.NewExperiment),
        ),
        _admin(
            "GET",
            one,
            tag,
            {200: done(ShownExperiment, "the experiment"), **KEYED, 404: NOT_FOUND},
            _EXPERIMENT,
        ),
        _admin("PATCH", one, tag, changes, _EXPERIMENT, body=Body(requests.ExperimentChange)),
        _admin("POST", f"{one}/enable", tag, {200: changed, **SET}, _EXPERIMENT),
        _admin("POST", f"{one}/disable", tag, {200: changed, **SET}, _EXPERIMENT),
        _admin("POST", f"{one}/promote", tag, changes, _EXPERIMENT, body=Body(requests.Promotion)),
        *lives_of(one, tag, changed, _EXPERIMENT, SET),
        *_of_files(),
    ]


def _of_files() -> list[Operation]:
    strict = Parameter("strict", Literal["true", "false"], "`true`: a bad entry is 400 and nothing is added")
    return [
        _admin(
            "POST",
            "/admin/definitions",
            "experiments",
            {200: done(LoadedDefinitions, "what was done"), **WRITTEN},
            strict,
            body=Body(requests.DefinitionsFile),
        ),
        _admin(
            "POST",
            "/admin/publish",
            "experiments",
            {200: done(PublishedSite, "it was published"), **KEYED, 409: CONFLICT},
        ),
    ]


def _of_goals() -> list[Operation]:
    base, one, tag = "/admin/goals", "/admin/goals/{name}", "goals"
    changed = done(ShownGoal, "the goal after the change")
    return [
        _admin("GET", base, tag, {200: done(GoalList, "the goals"), **_LISTED}, ARCHIVED),
        _admin(
            "POST", base, tag, {201: done(ShownGoal, "the new goal"), **WRITTEN}, body=Body(requests.NewGoal)
        ),
        _admin("GET", one, tag, {200: done(ShownGoal, "the goal"), **KEYED, 404: NOT_FOUND}, _GOAL),
        _admin("PATCH", one, tag, {200: changed, **SET, 400: BAD}, _GOAL, body=Body(requests.GoalChange)),
        *lives_of(one, tag, changed, _GOAL, SET),
    ]


def _of_reports() -> list[Operation]:
    day = "/admin/reports/{experiment}/{day}"
    read = {**KEYED, **_NAMED, 400: BAD}
    report = Annotated[Any, either(ReportView, FailedReport)]
    return [
        _admin(
            "GET",
            "/admin/reports/{experiment}",
            "reports",
            {200: done(ReportDays, "the days"), **KEYED, **_NAMED},
            _REPORTED,
        ),
        _admin("GET", day, "reports", {200: done(report, "the report"), **read}, _REPORTED, _DAY),
        _admin(
            "GET", f"{day}/file", "reports", {200: done(ReportLink, "the address"), **read}, _REPORTED, _DAY
        ),
        _admin(
            "POST",
            "/admin/reports",
            "reports",
            {202: done(Job, "the job, which runs from now on"), **WRITTEN},
            body=Body(requests.NewRecount, required=False),
        ),
        _admin(
            "GET", "/admin/jobs/{job_id}", "reports", {200: done(Job, "the job"), **KEYED, **_NAMED}, _JOB
        ),
        _admin(
            "POST",
            "/admin/jobs/{job_id}/cancel",
            "reports",
            {200: done(Job, "the job as it stands"), **KEYED, **_NAMED, 409: CONFLICT},
            _JOB,
        ),
    ]


def _admin(
    method: Method,
    path: str,
    tag: str,
    answers: dict[int, Answer],
    *parameters: Parameter,
    body: Body | None = None,
) -> Operation:
    return Operation(method, path, tag, "admin", answers, parameters, body)


OPERATIONS = [*_of_experiments(), *_of_goals(), *_of_reports()]
