"""What a visitor did before its enrolment: the covariate that explains part of the variance."""

from dataclasses import dataclass

from chalicelib.domain.instant import DAY, Day, Instant
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.domain.visitors.visitor import Visitor


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

    def amount(self, at: Instant, value: int | None, times: int = 1) -> int:
        """What so many facts add; nothing before the goal was declared."""
        if at < self.declared_at:
            return 0
        return times * VALUE_SCALE if self.counted else value or 0

    def of(self, visitor: Visitor, enrolled: Day) -> int:
        """A visitor's number."""
        past = sum(
            self.amount(at, value, times)
            for at, value, times, _ in visitor.past.get(self.goal, ())
            if self.covers(at // DAY, enrolled)
        )
        return past + sum(
            self.amount(at, value)
            for _, at, goal, value in visitor.facts
            if goal == self.goal and self.covers(at // DAY, enrolled)
        )
