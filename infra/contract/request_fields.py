"""What the fields of a request mean to those who send it, and rules across fields that no type can say."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]
_ONE_SUBJECT = {"oneOf": [{"required": ["user_id"]}, {"required": ["visitor"]}]}
_RULES: Mapping[str, Schema] = {
    "Definitions": {"minProperties": 1},
    "AssignInput": _ONE_SUBJECT,
    "FactInput": _ONE_SUBJECT,
    "ErasedInput": _ONE_SUBJECT,
    "ValueInput": _ONE_SUBJECT,
}
_EXPERIMENT = {
    "name": "its name, which also is the hash's seed unless `seed` says otherwise",
    "description": "text for people",
    "variations": "two or more, the control first: names, or objects with a name and a weight",
    "weights": "one for each variation, in any unit: [50, 50] and [1, 1] are the same",
    "goals": "names of goals, or new goals; none: the experiment reports all goals",
    "seed": "what the hash begins with: the same seed gives the same variations",
    "coverage": "the share of the traffic that enrolls",
    "alpha": "the rate of false positives over all primary goals, variations and days",
    "planned_visitors": "over all variations; without it there is no plan",
    "planned_days": "the days of the plan",
    "minimum_effect": "the smallest relative change that matters: 0.05 is 5 %",
}
_GOAL = {
    "name": "its name",
    "type": "conversion: reached or not; engagement: a number for each visitor; ratio: of two goals' numbers",
    "unit": "shown beside the numbers",
    "role": "primary goals share alpha; secondary ones are decided after them; guardrails must not get worse",
    "direction": "whether a higher or a lower figure is better",
    "window_days": "the days after the enrollment in which it counts",
    "server_only": "true: browsers cannot reach it",
    "max_value": "a larger value is refused",
    "metric": "which number of a visitor's values an engagement goal compares",
    "cap": "a visitor's larger number counts as this",
    "winsorize": "the quantile of all visitors' numbers that is taken as the cap",
    "covariate_days": "the days before the enrollment whose values reduce the variance (CUPED)",
    "numerator": "of a ratio: a goal, or a goal and its metric",
    "denominator": "of a ratio: a goal, or a goal and its metric",
    "margin": "how much worse a guardrail may get: 0.05 is 5 % of the control's mean",
}
_TRACKER = {
    "name": "its name",
    "kind": "the first part of its objects' ids: `product` of `product:42`",
    "fields": "what is counted of each object",
    "granularity": "how long a counter adds up: for ever, a day or an hour in UTC",
    "count_spiders": "true: bots are counted, too",
    "strict": "true: a malformed event is answered with 400; otherwise it is set aside",
    "declared_only": "true: only declared objects are counted",
    "server_only": "true: browsers may not send",
    "public_key": "browsers must send this as `key`",
    "origins": "pages of these origins alone may send",
    "click_field": "the field that /e/go counts; the first one if it is missing",
    "retention_days": "how long counters are kept; for ever if it is missing",
    "lanes": "how many requests can be appended at once; may grow and never shrink",
}
_SUBJECT = {
    "user_id": "your id of the user; not what programs write for a missing one, as `null` or `undefined`",
    "visitor": "the visitor's token, as the cookie or an answer holds it, or the visitor's id",
}
_FACT = {
    **_SUBJECT,
    "goal": "the goal that was reached",
    "value": "its value",
    "id": "your id of the event: a repeated one counts once",
    "at": "when it was reached, at most 7 days ago; now if it is missing",
}
_EVENT = {
    "type": "what happened",
    "id": "the event's id: a repeated one counts once",
    "age": "how many milliseconds ago, at most 24 hours; 0 if it is missing",
}
_EMIT = {
    "tracker": "the tracker's name",
    "object": "what is counted",
    "field": "which of the tracker's fields",
    "op": "whether `by` is added or taken away",
    "by": "how much",
    "age": "how many milliseconds ago",
    "at": "when it was, in place of the age: for servers",
}
_IDS = {"ids": "ids of GET /admin/set-aside"}
_FIELDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ExperimentInput": (
        "An experiment. Its name alone has the variations `control` and `test`, and reports all goals.",
        {
            **_EXPERIMENT,
            "max_sample_size": "the old name of `planned_visitors`",
            "tuning": "ignored",
            "state": "disabled, unless it says otherwise",
            "started_at": "when visitors begin to enroll, where that is not now",
            "ended_at": "when they cease to",
            "promoted": "the variation that everybody sees, of a promoted experiment",
        },
    ),
    "ExperimentChange": ("", _EXPERIMENT),
    "VariationInput": ("", {"key": "the variation's name", "weight": "its part of the traffic"}),
    "GoalInput": ("A goal. Its name alone is a conversion.", _GOAL),
    "GoalChange": (
        "",
        {**_GOAL, "auto_created": "false declares a goal that was created when it was first reached"},
    ),
    "PartInput": ("", {"goal": "the goal", "metric": "its sum, or how often it was reached"}),
    "TrackerInput": ("A tracker: named counters of objects.", _TRACKER),
    "TrackerChange": ("", _TRACKER),
    "Definitions": (
        "",
        {
            "experiments": "experiments to add, as disabled unless there is none yet",
            "goals": "goals to declare: names, or objects",
            "trackers": "trackers to add",
        },
    ),
    "PromoteInput": ("", {"variation": "one of the experiment's variations"}),
    "RunInput": ("", {"limit_seconds": "the job ends by then; 12 hours if it is missing"}),
    "Objects": ("", {"objects": "ids, or ids with a label and a target"}),
    "TrackedInput": (
        "",
        {
            "object": "the object's id",
            "label": "shown in tables",
            "target": "the only address that /e/go leads to: http, https, or a path of the same host",
        },
    ),
    "Import": ("", {"id": "a name for this import", "rows": "the counters"}),
    "ImportRow": ("", _EMIT),
    "DismissInput": ("", _IDS),
    "ReplayInput": (
        "What to count again.",
        {
            **_IDS,
            "event": "fields that replace those of the event, for one id",
            "any_age": "true: also what is too old",
        },
    ),
    "EventBatch": (
        "",
        {
            "visitor": "the visitor's token or id, where there is no cookie; what is no text is ignored",
            "events": "what happened, oldest first",
            "webdriver": "true: a program drives the browser, and nothing counts",
        },
    ),
    "ConfirmInput": ("", _EVENT),
    "EnrollInput": (
        "",
        {
            **_EVENT,
            "experiment": "the experiment that was seen",
            "variation": "what was shown; refused if the hash says otherwise",
            "phase": "the phase by which it was shown",
        },
    ),
    "ReachInput": ("", {**_EVENT, "goal": _FACT["goal"], "value": _FACT["value"]}),
    "TrackBatch": (
        "",
        {
            "id": "the batch's id: a repeated one counts once",
            "key": "the tracker's public key; what is no text is ignored",
            "events": "50 at most of a browser, 500 of a server",
            "webdriver": "true: a program drives the browser",
        },
    ),
    "EmitInput": ("What is counted.", _EMIT),
    "AssignInput": (
        "",
        {
            **_SUBJECT,
            "experiments": "names of experiments; none: all enabled ones, without enrolling",
            "enroll": "false: only says what would be seen",
        },
    ),
    "FactInput": ("", _FACT),
    "ValueInput": ("", _FACT),
    "ErasedInput": ("", {**_SUBJECT, "user_id": "your id of the user"}),
    "LoginInput": (
        "",
        {
            "visitor": "the token of the visitor's cookie; a bare id is refused",
            "user_id": _SUBJECT["user_id"],
            "at": "when the login was; now if it is missing",
        },
    ),
    "PixelInput": (
        "",
        {
            "visitor": "the token of the cookie or of an answer",
            "goal": "the goal that the picture counts",
            "value": "its value, which is signed",
        },
    ),
}
EXPLAINED = frozenset(_FIELDS)
"""The objects of requests, by name."""


def explained(name: str, schema: Schema) -> Schema:
    """The schema of a named object with what its fields mean."""
    about, fields = _FIELDS.get(name, ("", {}))
    found = {**schema, **_RULES.get(name, {})}
    if about:
        found["description"] = about
    if fields:
        told = {key: {**each, "description": fields[key]} for key, each in schema["properties"].items()}
        found["properties"] = told
    return found
