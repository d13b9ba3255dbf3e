"""Changes of an experiment: what is not named stays, and what is named as it is changes nothing."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment import Experiment, enable, promote
from chalicelib.domain.experiments.experiment_change import changed
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.records import experiment_of, experiment_record
from chalicelib.domain.experiments.shown import shown_experiment
from chalicelib.domain.instant import parse_at

NOW = parse_at("2026-03-10T12:00:00Z")
THREE: dict[str, Any] = {
    "name": "x",
    "variations": ["a", "b", "c"],
    "weights": [60, 30, 10],
    "goals": ["buy"],
}


def running(**fields: Any) -> Experiment:
    return enable(experiment_from({**THREE, **fields}, NOW), NOW)


def change(experiment: Experiment, **fields: Any) -> Experiment:
    return changed(experiment, fields, NOW + 5)[0]


def weights_of(experiment: Experiment) -> list[float]:
    return [each.shown_weight for each in experiment.phase.variations]


def field_of(experiment: Experiment, **fields: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        change(experiment, **fields)
    return caught.value.field


@pytest.mark.parametrize(
    ("names", "weights"),
    [
        ("abc", [60, 30, 10]),
        ("abc", [1 / 3, 1 / 3, 1 / 3]),
        ("abc", [0.6, 0.3, 0.1]),
        ("abcdef", None),
        ("ab", [90, 10]),
        ("ab", [1, 0]),
    ],
)
def test_weights_are_shown_as_they_were_written_and_sent_back_change_nothing(
    names: str, weights: list[float] | None
) -> None:
    written = {} if weights is None else {"weights": weights}
    experiment = enable(experiment_from({"name": "x", "variations": list(names), **written}, NOW), NOW)
    again = experiment_of(experiment_record(experiment))

    assert shown_experiment(again)["weights"] == (weights or [1] * len(names))
    assert changed(again, shown_experiment(again), NOW + 5) == (again, None)
    assert change(again, weights=weights_of(again)) == again


def test_shares_that_an_earlier_version_kept_are_sent_back_as_they_are() -> None:
    record = experiment_record(running())
    del record["phases"][0]["weights"]
    record["phases"][0]["variations"][0]["weight"] = 0.6000000000000001
    old = experiment_of(record)

    assert change(old, weights=shown_experiment(old)["weights"]) == old


def test_other_weights_with_the_same_buckets_begin_no_phase() -> None:
    after = change(running(), weights=[6, 3, 1])

    assert (len(after.phases), weights_of(after)) == (1, [6, 3, 1])


def test_other_buckets_begin_a_phase() -> None:
    assert len(change(running(), weights=[60, 29, 11]).phases) == 2
    assert len(change(running(), variations=["b", "a", "c"]).phases) == 2
    assert len(change(running(weights=[1, 1, 1]), variations=["a", "b", "d"]).phases) == 2


@pytest.mark.parametrize(
    ("variations", "weights"),
    [
        (["a", "b", "c"], [60, 30, 10]),
        (["c", "a", "b"], [10, 60, 30]),
        (["a", "c"], [60, 10]),
        ([{"key": "a", "weight": 1}, {"key": "d", "weight": 3}], [1, 3]),
    ],
)
def test_variations_that_are_named_alone_keep_their_weights(
    variations: list[Any], weights: list[float]
) -> None:
    assert weights_of(change(running(), variations=variations)) == weights


def test_a_new_variation_has_the_weight_of_the_others_where_these_are_equal() -> None:
    assert weights_of(change(running(weights=[2, 2, 2]), variations=["a", "b", "c", "d"])) == [2, 2, 2, 2]
    assert field_of(running(), variations=["a", "b", "c", "d"]) == "weights"


@pytest.mark.parametrize("empty", [[], None])
@pytest.mark.parametrize("field", ["variations", "weights", "coverage", "description", "seed", "alpha"])
def test_nothing_is_no_value(field: str, empty: object) -> None:
    assert field_of(experiment_from(THREE, NOW), **{field: empty}) == field


def test_the_promoted_variation_cannot_be_removed() -> None:
    promoted = promote(running(), "b", NOW + 1)

    assert field_of(promoted, variations=["a", "c"]) == "variations"
    assert change(promoted, variations=["a", "b"]).promoted == "b"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("alpha", 0.1), ("seed", "other"), ("goals", ["other"]), ("planned_visitors", 5)),
        *(("planned_days", 5), ("minimum_effect", 0.1), ("max_sample_size", 9)),
    ],
)
def test_what_is_decided_by_can_change_until_visitors_enrol(field: str, value: object) -> None:
    new_name = {"max_sample_size": "planned_visitors"}.get(field, field)
    assert shown_experiment(change(experiment_from(THREE, NOW), **{field: value}))[new_name] == value
    assert field_of(running(), **{field: value}) == new_name


@pytest.mark.parametrize("field", ["state", "name", "started_at", "ended_at", "promoted", "phases"])
def test_what_has_a_way_of_its_own_cannot_be_changed(field: str) -> None:
    assert field_of(running(), **{field: "other"}) == field


def test_an_instant_may_be_written_in_another_way() -> None:
    assert change(running(), started_at="2026-03-10T13:00:00+01:00") == running()


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ({"alpha": 1e-100}, {"alpha": 0.05}),
        ({"description": "Tea \ud83d"}, {"description": "Tea"}),
        ({"planned_visitors": 10**31}, {"planned_visitors": 1000}),
        ({"max_sample_size": 10**31}, {"planned_visitors": 1000}),
        ({"seed": "Tea \ud83d"}, {"seed": "Tea"}),
        ({"coverage": 7.0}, {"coverage": 0.7}),
    ],
)
def test_what_an_earlier_version_stored_can_be_mended_while_it_runs(
    broken: dict[str, Any], mended: dict[str, Any]
) -> None:
    record = experiment_record(running())
    for key, value in broken.items():
        (record["phases"][0] if key in ("seed", "coverage") else record)[key] = value
    old = experiment_of(record)
    assert old.problem is not None
    after, _ = changed(old, mended, NOW + 5)

    assert experiment_of(experiment_record(after)).problem is None
    assert after == replace(after, problem=None)


def test_the_seed_that_was_mended_begins_a_phase() -> None:
    record = experiment_record(running())
    record["phases"][0]["seed"] = "Tea \ud83d"

    assert len(changed(experiment_of(record), {"seed": "Tea"}, NOW + 5)[0].phases) == 2


@pytest.mark.parametrize(
    ("fields", "weights"),
    [
        ({"variations": ["test", "control"], "weights": [1, 3]}, [1, 3]),
        ({"variations": ["control", "new"], "weights": [1, 3]}, [1, 3]),
    ],
)
def test_weights_that_are_named_are_taken_though_they_are_those_of_now(
    fields: dict[str, Any], weights: list[float]
) -> None:
    experiment = enable(experiment_from({"name": "x", "weights": [1, 3]}, NOW), NOW)

    assert weights_of(change(experiment, **fields)) == weights
    assert field_of(
        running(), variations=[{"key": "a", "weight": 1}, {"key": "b", "weight": 3}], weights=[1, 1]
    )


def test_one_change_begins_one_phase() -> None:
    after = change(running(), weights=[10, 30, 60], coverage=0.5)

    assert (len(after.phases), after.phase.coverage, after.phases[0].coverage) == (2, 0.5, 1.0)


@pytest.mark.parametrize(
    "fields", [{"goals": [{"name": "buy"}]}, {"alpha": 0.05}, {"goals": ["buy"]}, {"planned_visitors": None}]
)
def test_what_is_written_in_another_way_is_the_same(fields: dict[str, Any]) -> None:
    experiment = running(goals=["buy"])

    assert change(experiment, **fields) == experiment
