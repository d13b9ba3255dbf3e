"""A comparison of a report: one treatment against the control on one goal."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from infra.contract.text_formats import Count, Number

Status = Literal[
    "ok", "empty_arm", "degenerate_margin", "zero_variance", "insufficient_data", "ill_conditioned"
]
Verdict = Literal[
    "winner",
    "loser",
    "inconclusive",
    "insufficient_data",
    "unstable",
    "blocked_by_srm",
    "harmed",
    "not_harmed",
    "undecided",
]
Warning_ = Literal[
    "sample_ratio_mismatch",
    "phase_left_out",
    "small_sample",
    "interval_covers_zero",
    "harmed_within_margin",
    "primary_goals_first",
    "control_near_zero",
    "cap_removed_everything",
    "declared_after_the_start",
]
Why = Literal[
    "empty_arm",
    "degenerate_margin",
    "zero_variance",
    "insufficient_data",
    "ill_conditioned",
    "no_minimum_effect",
    "out_of_reach",
]
Chance = Annotated[float, Meta(ge=0, le=1)] | None


class Difference(Struct, forbid_unknown_fields=True):
    """Treatment − control, of one look at the data."""

    estimate: Number
    std_error: Number
    ci_low: Number
    ci_high: Number
    method: Literal["newcombe", "student", "delta"]
    welch_ci_low: Number
    welch_ci_high: Number


class Lift(Struct, forbid_unknown_fields=True):
    """The difference as a share of the control, of one look at the data."""

    estimate: Number
    ci_low: Number
    ci_high: Number
    method: Literal["log", "delta"]
    fieller_low: Number
    fieller_high: Number


class ExpectedLift(Struct, forbid_unknown_fields=True):
    """The lift shrunk towards no effect: what to tell others."""

    estimate: Number
    ci_low: Number
    ci_high: Number


class FixedHorizon(Struct, forbid_unknown_fields=True):
    """Right if this is your only look, at the end."""

    test: Literal["chi_square", "student", "welch"]
    statistic: float | Literal["inf", "-inf"] | None
    df: Number
    p_value: Chance
    log10_p: Number
    confidence_percent: Number
    confidence_class: Literal["high", "medium", "low"] | None
    yates_p_value: Chance
    welch_p_value: Chance


class PlannedLook(Struct, forbid_unknown_fields=True):
    """A look of the plan: `u` is the spending time, `z_boundary` what |z| has to reach."""

    day: float
    u: float
    information: float
    z_boundary: Number


class Sequential(Struct, forbid_unknown_fields=True):
    """The rule that decides, however often people look; `today_…` is as of today, which may be no look."""

    method: Literal["lan_demets_obf", "confidence_sequence"]
    level: Number
    p_value: Chance
    p_value_running_min: Chance
    log10_p: Number
    significant: bool
    decided_at_day: Number
    look_day: Number
    z: Number
    z_boundary: Number
    ci_low: Number
    ci_high: Number
    lift_ci_low: Number
    lift_ci_high: Number
    today_ci_low: Number
    today_ci_high: Number
    highest_low: Number
    lowest_high: Number
    clock: Number
    information_fraction: Number
    looks: list[PlannedLook] | None


class Combined(Struct, forbid_unknown_fields=True):
    """The weighted means over phases, where a comparison has more than one."""

    phases: Count
    difference: Number
    std_error: Number
    lift: Number
    control: Number
    treatment: Number


class Adjusted(Struct, forbid_unknown_fields=True):
    """The p-values corrected for the comparisons that share alpha."""

    holm_p: Chance
    bh_q: Chance
    family_size: Count
    sequential_holm_p: Chance


class Bayesian(Struct, forbid_unknown_fields=True):
    """Chance and losses are in the direction of the goal."""

    model: Literal["gaussian", "beta_binomial"]
    chance_to_beat_control: Chance
    expected_loss_choose_treatment: Number
    expected_loss_choose_control: Number
    credible_low: Number
    credible_high: Number


class Cuped(Struct, forbid_unknown_fields=True):
    """The difference with what the time before the experiment explains taken out."""

    theta: Number
    estimate: Number
    std_error: Number
    ci_low: Number
    ci_high: Number
    statistic: float | Literal["inf", "-inf"] | None
    df: Number
    p_value: Chance
    log10_p: Number
    variance_reduction: Number


class Power(Struct, forbid_unknown_fields=True):
    """What these visitors can find, and how many more the declared effect needs; `reason`: why not said."""

    mde_absolute: Number
    mde_relative: Number
    mde_down_absolute: Number
    mde_down_relative: Number
    n_required_per_arm: Number
    visitors_remaining_per_arm: Number
    days_remaining: Number
    level: float
    factor: float
    reason: Why | None


class Comparison(Struct, forbid_unknown_fields=True):
    """One treatment against the control."""

    treatment: str
    control: str
    status: Status
    verdict: Verdict
    sentence: str
    difference: Difference
    lift: Lift
    expected_lift: ExpectedLift
    fixed_horizon: FixedHorizon
    sequential: Sequential
    combined: Combined | None
    adjusted: Adjusted
    bayesian: Bayesian
    cuped: Cuped | None
    power: Power
    warnings: list[Warning_]
