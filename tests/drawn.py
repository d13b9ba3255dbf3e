"""Values drawn from the types that say what a field may hold: every range to its ends."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from chalicelib.domain.experiments.experiment_input import ExperimentInput
from chalicelib.domain.experiments.goal_input import GoalInput
from chalicelib.domain.fields.exact import Age, Amount, At, PositiveAmount, Quantile
from chalicelib.domain.tracking.tracker_input import TrackerInput
from chalicelib.domain.visitors.event_input import EnrollInput, ReachInput

_TEXT = st.characters(exclude_categories=["Cc", "Cs"])
_SLUGS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,8}\Z") | st.sampled_from(
    ["a" * 64, "a..b", "0", "then"]
)
_RESERVED = ["__proto__", "constructor", "index.json", "..", "nul", "any"]
_NAMES = st.integers(0, 9).flatmap(lambda odd: _SLUGS if odd else st.sampled_from(_RESERVED))
_INSTANTS = [
    *("2000-01-01T00:00:00Z", "2199-12-31T23:59:59.999Z", "2026-03-09T12:00:00+14:00"),
    *("2026-02-20T00:00:00Z", "2026-03-11T00:00:00Z", "2026-03-10T11:59:00Z"),
]
_EXACT: dict[type, st.SearchStrategy[Any]] = {
    Amount: st.decimals(-(10**9), 10**9, places=4).map(str) | st.integers(-(10**9), 10**9),
    PositiveAmount: st.decimals("0.0001", 10**9, places=4).map(str) | st.sampled_from(["0.0001", 1e9]),
    Quantile: st.sampled_from(["0.5", 0.99, "0.999999", 0.75]),
    At: st.sampled_from(_INSTANTS),
    Age: st.integers(-(10**6), 86_400_000) | st.sampled_from([0, 1, 86_400_000, 400 * 86_400_000]),
}
_NUMBERS = ("cap", "winsorize", "covariate_days")
_RANDOM = st.none() | st.booleans() | st.integers() | st.text(_TEXT, max_size=3) | st.just([]) | st.just({})


def experiments(goals: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Experiments as people write them, which report some of these goals or goals of their own."""
    named = st.lists(st.sampled_from([*goals, "new-1", "new-2"]), unique=True, max_size=4)
    drawn = _fields(ExperimentInput, {"goals": named, "name": _NAMES, "tuning": _RANDOM})
    return drawn.map(_with_own_names).map(_with_fitting_weights)


def _with_own_names(experiment: dict[str, Any]) -> dict[str, Any]:
    """No variation twice."""
    found: dict[str, Any] = {}
    for each in experiment.get("variations", []):
        found.setdefault(each["key"] if isinstance(each, dict) else each, each)
    if len(found) < 2:
        return {key: value for key, value in experiment.items() if key != "variations"}
    return {**experiment, "variations": list(found.values())}


def _with_fitting_weights(experiment: dict[str, Any]) -> dict[str, Any]:
    """As many weights as variations, in one place."""
    variations, weights = experiment.get("variations"), experiment.get("weights")
    if variations is None and weights is not None:
        return {**experiment, "weights": [*weights, 1, 2][:2]}
    if weights is not None:
        names = [each["key"] if isinstance(each, dict) else each for each in variations]
        return {**experiment, "variations": names, "weights": [*weights, *range(1, 9)][: len(names)]}
    if variations is not None and any(isinstance(each, dict) and "weight" in each for each in variations):
        objects = [each if isinstance(each, dict) else {"key": each} for each in variations]
        return {**experiment, "variations": [{"weight": 1, **each} for each in objects]}
    return experiment


def goals(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Goals of these names; the parts of a ratio are among them."""
    part = st.sampled_from(names) | st.fixed_dictionaries(
        {"goal": st.sampled_from(names)}, optional={"metric": st.sampled_from(["sum", "count"])}
    )
    drawn = _fields(GoalInput, {"name": st.sampled_from(names), "numerator": part, "denominator": part})
    return drawn.map(_with_fitting_rules)


def _with_fitting_rules(goal: dict[str, Any]) -> dict[str, Any]:
    """Without what the goal's type has no use for; the ratio of two goals where none are named."""
    kind = goal.get("type", "conversion")
    unused = {"numerator", "denominator"} if kind == "engagement" else {"metric", *_NUMBERS}
    unused |= {"numerator", "denominator"} if kind == "conversion" else set()
    unused |= {"margin"} if goal.get("role") != "guardrail" else set()
    unused |= {"cap"} if goal.get("winsorize") is not None else set()
    ratio = {"numerator": "buy", "denominator": "visits"} if kind == "ratio" else {}
    return {**ratio, **{key: value for key, value in goal.items() if key not in unused}}


def trackers() -> st.SearchStrategy[dict[str, Any]]:
    """Trackers as people write them."""
    return _fields(TrackerInput, {"name": _NAMES})


def events(experiment: str, goal: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """What a browser tells of an experiment and of goals."""
    enroll = _fields(EnrollInput, {"experiment": st.just(experiment), "variation": st.none()})
    reach = _fields(ReachInput, {"goal": goal})
    tagged = enroll.map(lambda each: {**each, "type": "enroll"})
    return tagged | reach.map(lambda each: {**each, "type": "goal"})


def values(kind: Any) -> st.SearchStrategy[Any]:
    """What a type takes, but for the rules across fields."""
    return _values(msgspec.inspect.type_info(kind))


def _fields(kind: type, chosen: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    info: Any = msgspec.inspect.type_info(kind)
    names = [each.encode_name for each in info.fields]
    drawn = {
        name: chosen[name] if name in chosen else _values(each.type)
        for name, each in zip(names, info.fields, strict=True)
    }
    required = {each.encode_name: drawn.pop(each.encode_name) for each in info.fields if each.required}
    return st.fixed_dictionaries(required, optional=drawn)


def _values(info: Any) -> st.SearchStrategy[Any]:
    if isinstance(info, inspect.Metadata):
        named = (info.extra or {}).get("rule") is not None and isinstance(info.type, inspect.StrType)
        return _text(info.type, named) if named else _values(info.type)
    if isinstance(info, inspect.UnionType):
        return st.one_of([_values(each) for each in info.types])
    if isinstance(info, inspect.ListType | inspect.VarTupleType):
        size = {"min_size": info.min_length or 0, "max_size": min(info.max_length or 5, 5)}
        return st.lists(_values(info.item_type), **size)
    if isinstance(info, inspect.StructType):
        return _fields(info.cls, {})
    if isinstance(info, inspect.EnumType):
        return st.sampled_from([each.value for each in info.cls])
    if isinstance(info, inspect.LiteralType):
        return st.sampled_from(info.values)
    if isinstance(info, inspect.CustomType):
        return _EXACT[info.cls]
    return _plain(info)


def _plain(info: Any) -> st.SearchStrategy[Any]:
    if isinstance(info, inspect.StrType):
        return _text(info, False)
    if isinstance(info, inspect.IntType):
        return st.integers(info.ge, info.le) | st.sampled_from([info.ge, info.le])
    if isinstance(info, inspect.FloatType):
        return st.floats(info.ge, info.le) | st.sampled_from([info.ge, info.le])
    if isinstance(info, inspect.NoneType):
        return st.none()
    if isinstance(info, inspect.BoolType):
        return st.booleans()
    return _RANDOM


def _text(info: Any, named: bool) -> st.SearchStrategy[str]:
    if not named:
        return st.text(_TEXT, min_size=info.min_length or 0, max_size=min(info.max_length or 20, 20))
    if info.pattern and info.pattern.startswith("^http"):
        return st.just("https://shop.example")
    return _SLUGS
