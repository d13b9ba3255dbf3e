"""Change an experiment: what is not named stays, and what is named as it is changes nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import Experiment, rephase
from chalicelib.domain.experiments.experiment_input import ExperimentInput, seed_of, variations_of
from chalicelib.domain.experiments.shown import shown_experiment
from chalicelib.domain.fields.changes import differing
from chalicelib.domain.fields.reading import read
from chalicelib.domain.instant import Instant

ALWAYS = frozenset({"description", "coverage", "variations", "weights"})
BEFORE_IT_BEGINS = frozenset({"goals", "seed", "alpha", "planned_visitors", "planned_days", "minimum_effect"})
_OLD_NAMES = {"max_sample_size": "planned_visitors"}
_INSTEAD = {
    "state": "use /enable, /disable or /promote",
    "promoted": "use /promote",
    "started_at": "use /enable",
    "ended_at": "use /disable",
    "archived_at": "use /archive or /restore",
    "phases": "change variations, weights, seed or coverage",
}
_IGNORED = frozenset({"tuning", "published"})


def changed(
    experiment: Experiment, fields: Mapping[str, Any], now: Instant
) -> tuple[Experiment, ExperimentInput | None]:
    """The experiment after a change, with the goals as they were written; InvalidInput names the field.

    Other weights or variations begin the next phase where they move anybody. What the analysis is
    decided by can change until visitors enrol, or while the stored value is one that is refused today.
    """
    shown = shown_experiment(experiment)
    fields = {_OLD_NAMES.get(key, key): value for key, value in fields.items() if key not in _IGNORED}
    wanted = differing(shown, fields, ALWAYS | BEFORE_IT_BEGINS, _as_read)
    _check_changeable(experiment, shown, wanted, now)
    if not wanted:
        return experiment, None
    kept = {key: shown[key] for key in ("name", *ALWAYS, *BEFORE_IT_BEGINS) if key != "weights"}
    written = read(ExperimentInput, {**kept, **wanted, **_weights(shown, fields)})
    return _with(experiment, written, now), written


def _as_read(key: str, value: object) -> object:
    """A field as it is understood: a goal may be written as its name or as an object."""
    if key not in ALWAYS | BEFORE_IT_BEGINS or key in ("variations", "weights"):
        return value
    written = read(ExperimentInput, {"name": "any-name", key: value})
    return written.goal_names if key == "goals" else getattr(written, key)


def _check_changeable(
    experiment: Experiment, shown: Mapping[str, Any], wanted: Mapping[str, Any], now: Instant
) -> None:
    for key in wanted:
        if key not in ALWAYS | BEFORE_IT_BEGINS:
            instead = f": {_INSTEAD[key]}" if key in _INSTEAD else ""
            raise InvalidInput(key, f"cannot be changed{instead}")
        if key in BEFORE_IT_BEGINS and experiment.has_begun(now) and _is_valid(key, shown):
            raise InvalidInput(key, "cannot be changed once visitors may have enrolled")


def _is_valid(key: str, shown: Mapping[str, Any]) -> bool:
    """Whether today's rules take what is stored."""
    try:
        read(ExperimentInput, {"name": "any-name", key: shown[key]})
    except InvalidInput:
        return False
    return True


def _weights(shown: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The weights that a change names, or those that its variations have now."""
    variations = fields.get("variations")
    if "weights" in fields:
        return {"weights": fields["weights"]}
    if not isinstance(variations, list):
        return {"weights": shown["weights"]}
    if any(isinstance(each, Mapping) and "weight" in each for each in variations):
        return {}
    names = [each.get("key") if isinstance(each, Mapping) else each for each in variations]
    known = dict(zip(shown["variations"], shown["weights"], strict=True))
    if len(set(known.values())) == 1:
        return {"weights": [shown["weights"][0]] * len(names)}
    added = [name for name in names if isinstance(name, str) and name not in known]
    if added:
        raise InvalidInput("weights", f"is missing: {added[0]!r} is new, and the others have unequal weights")
    return {"weights": [known[name] if isinstance(name, str) else 0 for name in names]}


def _with(experiment: Experiment, written: ExperimentInput, now: Instant) -> Experiment:
    after = replace(
        experiment,
        description=written.description,
        goals=written.goal_names,
        alpha=written.alpha,
        plan=written.plan,
        problem=None,
    )
    return rephase(after, variations_of(written), seed_of(written), written.coverage, now)
