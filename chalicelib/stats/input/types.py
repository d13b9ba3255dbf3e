"""What a request may hold: the types of its fields, read like everything else that people send."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, Struct

from chalicelib.domain.errors import InvalidInput
from chalicelib.domain.fields.reading import read
from chalicelib.stats.errors import RequestError
from chalicelib.stats.exact import count, exact, positive, probability

T = TypeVar("T")


class _Read(type):
    """A type that exists in annotations alone: what is read is an int, a Fraction, a float or a str."""

    def __instancecheck__(cls, value: object) -> bool:
        return True


class Number(int, metaclass=_Read):
    """An exact number of at most 1e30 in size, in any of the forms that `exact` takes."""


class Count(int, metaclass=_Read):
    """A whole number from 0 to 1e15."""


class Positive(float, metaclass=_Read):
    """A number above 0."""


class Probability(float, metaclass=_Read):
    """A number between 0 and 1, both excluded."""


class Decimals(str, metaclass=_Read):
    """A number as it was written."""


_READERS: dict[Any, Callable[[Any], object]] = {
    Number: lambda value: exact(value, ""),
    Count: lambda value: count(value, ""),
    Positive: lambda value: positive(value, ""),
    Probability: lambda value: probability(value, ""),
    Decimals: lambda value: str(value) if exact(value, "") is not None else "",
}

Text = Annotated[str, Meta(min_length=1, pattern=r"^[^\ud800-\udfff]*$")]
Objects = dict[str, Any] | None
Kind = Literal["conversion", "engagement", "ratio"]
Scale = Literal["absolute", "relative"]


class PriorRequest(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A Gaussian prior of the effect."""

    mean: Number | None = None
    sd: Positive | None = None
    proper: bool | None = None
    type: Scale = "absolute"


class GoalRequest(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """A goal with its arms: rows as people write them, or series of a report's tallies."""

    key: Text
    type: Kind
    role: Literal["primary", "secondary", "guardrail"] = "primary"
    direction: Literal["increase", "decrease"] = "increase"
    unit: Text | None = None
    window_days: Count | None = None
    difference: Scale = "absolute"
    prior: PriorRequest | None = None
    margin: Positive | None = None
    cap: Decimals | None = None
    cap_removed_all: bool | None = None
    in_family: bool | None = None
    arms: Any = None
    history: Any = None
    matured: Any = None


class DayRequest(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The arms of a goal on an earlier final day."""

    day: Any = None
    arms: Annotated[tuple[Any, ...], Meta(min_length=1)]


class ArmFields(Struct, frozen=True, kw_only=True):
    """What an arm of any kind has; a covariate's sums are given together or not at all."""

    n: Count
    key: Any = None
    matured: Objects = None


class _Covariate(ArmFields, frozen=True, kw_only=True):
    pre_sum: Number | None = None
    pre_sum_squares: Number | None = None
    sum_post_pre: Number | None = None


class ConversionArm(_Covariate, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Visitors, and how many of them reached the goal."""

    conversions: Count


class EngagementArm(_Covariate, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Visitors, and the sums of their numbers and of the squares."""

    sum: Number
    sum_squares: Number
    nonzero: Count | None = None


class RatioArm(ArmFields, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Visitors, and the sums of both numbers, of their squares and of their products."""

    numerator_sum: Number
    numerator_sum_squares: Number
    denominator_sum: Number
    denominator_sum_squares: Number
    sum_products: Number
    denominator_nonzero: Count | None = None


ARMS: dict[str, type[ArmFields]] = {
    "conversion": ConversionArm,
    "engagement": EngagementArm,
    "ratio": RatioArm,
}


ARM_LISTS: dict[str, Any] = {kind: tuple[arm, ...] for kind, arm in ARMS.items()}  # type: ignore[valid-type]
"""Read together: there are thousands of arms in a night."""


class PhaseRequest(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """An earlier phase of the same goals."""

    weights: dict[str, Any]
    number: Count | None = None
    visitors_by_day: Objects = None
    first: Count | None = None
    goals: Objects = None


class RequestFields(Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One experiment on one day. `max_sample_size` is the old name of `planned_visitors`; `tuning`, of an
    older method, is ignored."""

    goals: tuple[Any, ...]
    alpha: Probability | None = None
    power: Probability | None = None
    tuning: Any = None
    planned_visitors: Positive | None = None
    max_sample_size: Positive | None = None
    planned_days: Positive | None = None
    minimum_effect: Positive | None = None
    looks: Any = None
    provisional: bool | None = None
    ended: bool | None = None
    days: Positive | None = None
    weights: Objects = None
    visitors: Objects = None
    visitors_by_day: Objects = None
    phases: tuple[Any, ...] | None = None


def read_request(kind: type[T], value: object, path: str) -> T:
    """`value` as one of `kind`; RequestError names the field."""
    try:
        return read(kind, value, path, _decoded)
    except InvalidInput as error:
        # What is wrong as a whole has no path of its own.
        raise RequestError("request" if error.field == "body" else error.field, error.problem) from error


def _decoded(kind: Any, value: Any) -> object:
    return _READERS[kind](value)
