"""What a visitor did before its enrolment: the covariate that explains part of the variance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.goal import VALUE_SCALE
from chalicelib.domain.instant import DAY, Day, Instant
from chalicelib.domain.visitor import Enrollment, Fact, Visitor


@dataclass(frozen=True, slots=True)
class Covariate:
    """The sum or count of a goal on so many whole days before the day of the enrolment."""

    goal: str
    declared_at: Instant
    days: int
    counted: bool

    def covers(self, day: Day, enrolled: Day) -> bool:
        """Whether what happened on a day explains what comes after the enrolment."""
        return enrolled - self.days <= day < enrolled

    def amount(self, fact: Fact) -> int:
        """What a fact adds; nothing before the goal was declared."""
        if fact.goal != self.goal or fact.at < self.declared_at:
            return 0
        return VALUE_SCALE if self.counted else fact.value or 0

    def of(self, visitor: Visitor, enrolled: Day) -> int:
        """A visitor's number."""
        past = visitor.past.get(self.goal, {})
        settled = sum(amount for day, amount in past.items() if self.covers(day, enrolled))
        return settled + sum(
            self.amount(fact) for fact in visitor.facts if self.covers(fact.at // DAY, enrolled)
        )


def kept_past(
    past: Mapping[str, Mapping[Day, int]],
    old: Iterable[Fact],
    places: Iterable[Enrollment],
    covariates: Mapping[str, Covariate],
    horizon: Instant,
) -> dict[str, dict[Day, int]]:
    """What facts that are settled may be for an enrolment that is there, or one still to come."""
    if not covariates:
        return {}
    days = {goal: dict(past.get(goal, {})) for goal in covariates}
    for fact in old:
        covariate = covariates.get(fact.goal)
        if covariate is not None and (amount := covariate.amount(fact)):
            day = fact.at // DAY
            days[fact.goal][day] = days[fact.goal].get(day, 0) + amount
    enrolled = [place.enrolled_at // DAY for place in places]
    kept = {goal: _needed(days[goal], covariates[goal], enrolled, horizon // DAY) for goal in days}
    return {goal: amounts for goal, amounts in kept.items() if amounts}


def _needed(
    amounts: Mapping[Day, int], covariate: Covariate, enrolled: list[Day], earliest: Day
) -> dict[Day, int]:
    return {
        day: amount
        for day, amount in amounts.items()
        if day >= earliest - covariate.days or any(covariate.covers(day, each) for each in enrolled)
    }
