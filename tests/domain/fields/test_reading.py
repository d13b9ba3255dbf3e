"""What a type refuses, and how it is said."""

from typing import Annotated, Any

import pytest
from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.experiments.experiment_input import ExperimentInput
from chalicelib.domain.experiments.goal_input import GoalInput
from chalicelib.domain.fields.exact import Age, Amount, At, ObjectId, Quantile, UserId
from chalicelib.domain.fields.number import Alpha, Share, VisitorCount, Weight
from chalicelib.domain.fields.reading import FieldError, read
from chalicelib.domain.fields.stored import read_stored
from chalicelib.domain.fields.text import Description, GoalName, Key, Name, Origin
from chalicelib.domain.instant import DAY

HUGE = 10**400
X = ExperimentInput
HALF = "Tea \ud83d"


def problem(kind: Any, value: object, field: str = "field") -> str:
    with pytest.raises(InvalidInput) as caught:
        read(kind, value, field)
    return str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *("", "a" * 65, "-a", ".a", "..", "__proto__", "a b", "a/b", "a\n", "é", HALF, "a\0", 1, None, True),
        *("constructor", "toString", "hasOwnProperty", "valueOf", "index.json", "con", "NUL", "Lpt1"),
    ],
)
def test_no_name_means_something_to_files_prototypes_or_paths(name: object) -> None:
    assert problem(Name, name).startswith("field: ")


@pytest.mark.parametrize("name", ["a", "0", "a" * 64, "a.b-c_d", "a..b", "index.html", "any", "console"])
def test_other_slugs_are_names(name: str) -> None:
    assert read(Name, name) == name


def test_a_goal_cannot_be_called_like_the_row_of_all_goals() -> None:
    assert "'any' is the row" in problem(GoalName, "any")


@pytest.mark.parametrize("kind", [Description, Key])
@pytest.mark.parametrize("text", ["a\0b", "\x1b", "\x7f", "\x85"])
def test_text_has_no_control_characters(kind: Any, text: str) -> None:
    assert problem(kind, text) == "field: must not hold control characters"


@pytest.mark.parametrize("kind", [Description, Key])
def test_text_has_no_halves_of_characters(kind: Any) -> None:
    assert problem(kind, HALF) == "field: must not hold half a character (a lone surrogate)"


def test_a_description_may_have_lines() -> None:
    assert read(Description, "a\nb\n") == "a\nb\n"
    assert problem(Key, "a\n") == "field: must not hold control characters"


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        (ExperimentInput, {"name": "x", "state": "\ud83d"}, "[2].state"),
        (ExperimentInput, {"name": "x", "alpha": "\ud83d"}, "[2].alpha"),
        (
            ExperimentInput,
            {"name": "x", "variations": ["a", {"key": "b", "\ud83d": 1}]},
            "[2].variations[1].\ud83d",
        ),
        (ExperimentInput, {"name": "x", "\ud83d": 1}, "[2].\ud83d"),
        (ExperimentInput, "\ud83d", "[2]"),
        (GoalInput, {"name": "g", "type": "\ud83d"}, "[2].type"),
    ],
)
def test_half_a_character_is_an_error_of_its_field_wherever_it_stands(
    kind: Any, value: object, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(kind, value, "[2]")
    assert caught.value.field == field


@pytest.mark.parametrize("text", ["Tea \U0001f375", "é", "a\u200db", "\u00a0", "日本語", "\U0010ffff"])
def test_all_other_text_is_text(text: str) -> None:
    assert read(Key, text) == text


def test_text_has_a_length() -> None:
    assert problem(Key, "a" * 129) == "field: must be text of 1 to 128 characters"
    assert read(Key, "\U0001f375" * 128) == "\U0001f375" * 128


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Alpha, 1e-100, "must be a number from 0.0001 to 0.5"),
        (Alpha, float("nan"), "must be a number from 0.0001 to 0.5"),
        (Alpha, True, "must be a number from 0.0001 to 0.5"),
        (Alpha, "0.05", "must be a number from 0.0001 to 0.5"),
        (Share, HUGE, "must be a number from 0 to 1"),
        (Share, float("inf"), "must be a number from 0 to 1"),
        (Share, -1e-300, "must be a number from 0 to 1"),
        (Weight, 1e300, "must be a number from 0 to 1000000"),
        (Weight, HUGE, "must be a number from 0 to 1000000"),
        (Weight, None, "must be a number from 0 to 1000000"),
        (VisitorCount, 10**31, "must be a whole number from 1 to 1000000000000"),
        (VisitorCount, 1.5, "must be a whole number from 1 to 1000000000000"),
        (Amount, HUGE, "must lie between -1e9 and 1e9"),
        (Amount, float("nan"), "must lie between -1e9 and 1e9"),
        (Amount, "1_0", "must be a number"),
        (Amount, "１", "must be a number"),
        (Amount, "1,5", "must be a number"),
        (Amount, "0.00001", "may have 4 decimals at the most"),
        (Quantile, 1, "must lie between 0.5 and 1"),
        (Age, 401 * DAY, "must be a number of milliseconds, at most 400 days"),
        (Age, float("nan"), "must be a number of milliseconds, at most 400 days"),
        (At, "1999-12-31T23:59:59Z", "must lie between 2000-01-01 and 2200-01-01"),
        (At, "0001-01-01T00:00:00+14:00", "must lie between 2000-01-01 and 2200-01-01"),
        (At, "2026-01-01T00:00:00", "needs its offset from UTC, as in 2026-11-21T09:30:00Z"),
        (At, 5, "must be an ISO 8601 time like 2026-11-21T09:30:00Z"),
        (UserId, "", "must be text of 1 to 256 bytes in UTF-8"),
        (UserId, HALF, "must be text of 1 to 256 bytes in UTF-8"),
        (UserId, "é" * 129, "must be text of 1 to 256 bytes in UTF-8"),
        (ObjectId, "a:b%", "must be kind:id, the id 1 to 128 printable characters without %"),
        (ObjectId, "a b:c", "must be kind:id, the kind a name"),
        (Origin, "https://a.example/", "must be an origin like https://example.com"),
    ],
)
def test_what_is_refused_is_said_by_the_rule_that_refused_it(kind: Any, value: object, words: str) -> None:
    class Holder(Struct):
        field: kind

    assert problem(Holder, {"field": value}, "") == f"field: {words}"


def test_a_negative_age_is_that_of_a_clock_which_was_set_back() -> None:
    assert read(Age, -5) == 0


def test_what_is_read_is_plain() -> None:
    """A document's codec knows no subclasses."""
    assert type(read(Amount, "1.5")) is int
    assert type(read(UserId, "ann")) is str


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (X, {}, "[2].name: is missing"),
        (X, [], "[2]: must be an object"),
        (X, {"name": "x", "weights": [1, "2"]}, "[2].weights[1]: must be a number"),
        (
            ExperimentInput,
            {"name": "x", "variations": ["a", {"kex": 1}]},
            "[2].variations[1].kex: is not known",
        ),
        (
            ExperimentInput,
            {"name": "x", "variations": ["a", {"key": 5}]},
            "[2].variations[1].key: must be a name",
        ),
        (
            ExperimentInput,
            {"name": "x", "variations": ["a", 5]},
            "[2].variations[1]: must be a name or an object",
        ),
        (X, {"name": "x", "variations": ["a"]}, "[2].variations: must be a list of 2 to 50"),
        (
            ExperimentInput,
            {"name": "x", "goals": [{"name": "g", "role": 1}]},
            "[2].goals[0].role: must be one of",
        ),
        (
            ExperimentInput,
            {"name": "x", "goals": [{"name": "g", "cap": 1}]},
            "[2].goals[0].cap: has no meaning",
        ),
        (X, {"name": "x", "goals": ["a", "a"]}, "[2].goals: has a name twice"),
        (X, {"name": "x", "weights": [0, 0]}, "[2].weights: must not all be 0"),
        (X, {"name": "x", "weights": [1, 1e-6]}, "[2].weights[1]: is too small to get any visitor"),
        (
            X,
            {"name": "x", "variations": list("abcdef"), "weights": [1, 1, 1, 1, 9995, 1]},
            "[2].weights[3]: is",
        ),
        (GoalInput, {"name": "g", "type": "ratio"}, "[2].numerator: is missing"),
        (
            GoalInput,
            {"name": "g", "numerator": {"goal": "a", "metric": "mean"}},
            "[2].numerator.metric: must be",
        ),
    ],
)
def test_the_path_leads_to_the_field(kind: Any, value: object, message: str) -> None:
    assert problem(kind, value, "[2]").startswith(message)


class Part(Struct, kw_only=True):
    number: Annotated[int, Meta(ge=1, le=3)]


class Whole(Struct, kw_only=True):
    parts: tuple[Part, ...] = ()
    at: At | None = None

    def __post_init__(self) -> None:
        if len(self.parts) > 1:
            raise FieldError("parts", "must be one")


def test_what_was_stored_under_other_rules_is_read_with_its_problem() -> None:
    stored, found = read_stored(Whole, {"parts": [{"number": 1}, {"number": 2}], "at": None})
    assert (len(stored.parts), str(found)) == (2, "parts: must be one")

    stored, found = read_stored(Whole, {"parts": [{"number": 9}], "at": "1970-01-01T00:00:00Z"})
    assert (stored.parts[0].number, stored.at, str(found)) == (
        9,
        0,
        "parts[0].number: must be a whole number from 1 to 3",
    )


def test_what_has_another_structure_is_not_read() -> None:
    with pytest.raises(InvalidInput, match=r"parts\[0\].number"):
        read_stored(Whole, {"parts": [{"number": "1"}]})
