"""Fill the frames of reports with what the statistics say: the one place where services meet stats."""

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.instant import iso_day, parse_day
from chalicelib.services.reports.analysis_request import Known, Request, phase_request, request_of_report
from chalicelib.services.reports.daily_series import DailySeries
from chalicelib.services.reports.report_frame import Frame
from chalicelib.stats.analysis import analyse
from chalicelib.stats.errors import RequestError


def fill(frames: list[Frame]) -> list[dict[str, Any]]:
    """Complete reports of one recount: every frame with the analysis of its phase and of those before.

    Raises RequestError with the field at fault of the first report that can't be analysed: alone, each of
    the others can.
    """
    known: Known = {}
    series = DailySeries()
    requests = [request_of_report(each, known) for each in reversed(frames)][::-1]
    earlier = [(each, phase) for each in frames for phase in each["experiment"]["phases"][:-1]]
    asked = [*requests, *(_earlier_request(each, phase, known) for each, phase in earlier)]
    answers = [_checked(answer) for answer in analyse(asked)]
    phases: dict[int, list[dict[str, Any]]] = {id(each): [] for each in frames}
    for (each, phase), answer in zip(earlier, answers[len(requests) :], strict=True):
        phases[id(each)].append({"phase": phase["number"], **answer})
    return [
        {
            **each,
            "phases": phases[id(each)],
            "srm": _dated(each, answer["srm"]),
            "goals": _with_rules(each, request, answer),
            "daily": series.of(each, request),
        }
        for each, request, answer in zip(frames, requests, answers[: len(requests)], strict=True)
    ]


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        error = answer["error"]
        if error["field"] is None:
            raise ArithmeticError(error["message"])
        raise RequestError(error["field"], error["message"])
    return answer


def _dated(report: Frame, check: Mapping[str, Any]) -> dict[str, Any]:
    """The day of the phase on which it was blocked, as a date."""
    if check["blocked_since"] is None:
        return dict(check)
    phase = report["experiment"]["phases"][-1]
    first = min(parse_day(phase["started_at"][:10]), parse_day(report["as_of_day"]))
    return {**check, "blocked_since": iso_day(first + check["blocked_since"] - 1)}


def _with_rules(report: Frame, request: Request, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each goal's rules beside its analysis, and the cap that a quantile came to."""
    found = []
    for rules, asked, analysed in zip(report["goals"], request["goals"], answer["goals"], strict=True):
        cap = {} if asked["cap"] is None else {"cap": asked["cap"]}
        found.append({**rules, **analysed, "window_days": rules.get("window_days"), **cap})
    return found


def _earlier_request(report: Frame, phase: Mapping[str, Any], known: Known) -> dict[str, Any]:
    following = report["experiment"]["phases"][phase["number"]]
    return phase_request(report, phase["number"], parse_day(following["started_at"][:10]), known)
