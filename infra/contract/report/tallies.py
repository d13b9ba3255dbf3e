"""The tallies of a report: what each day added to each arm, from which every figure is computed."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from infra.contract.definition_answers import Positive
from infra.contract.report.blocks import Whole
from infra.contract.text_formats import Count, Day, Name

GoalDay = Annotated[
    tuple[int, Whole, Whole, int],
    Meta(description="conversions, sum in ten-thousandths, sum of squares in their squares, numbers not 0"),
]
Parts = Annotated[
    dict[str, list[Whole]],
    Meta(description="by key the sums that a goal needs beside its own, in ten-thousandths"),
]
ScoreDay = Annotated[
    tuple[Count, Whole, Whole, Count],
    Meta(description="participants, sum of their scores in ten-thousandths, sum of squares, failed calls"),
]


class MaturedTally(Struct, forbid_unknown_fields=True):
    """The same of visitors whose window is over, each on the day on which it was; `windows` by length."""

    windows: dict[Annotated[str, Meta(pattern="^[0-9]+$")], dict[Day, int]]
    goals: dict[Name, dict[Day, GoalDay]]
    parts: dict[Name, dict[Day, Parts]]


class ArmTally(Struct, forbid_unknown_fields=True, kw_only=True):
    """What each day added to an arm; `scores` only with an engagement calculator."""

    phase: Positive
    variation: Name
    enrolled: dict[Day, int]
    goals: dict[Name, dict[Day, GoalDay]]
    parts: dict[Name, dict[Day, Parts]]
    conflicts: dict[Day, int]
    matured: MaturedTally
    scores: dict[Day, ScoreDay] | UnsetType = UNSET
