"""The engagement calculator of django-lean's wiki: dollars per day; a setting names it in tests."""

from datetime import date
from typing import ClassVar


class DollarsPerDay:
    """What a user spent, divided by the days since the enrolment, both days included."""

    spent: ClassVar[dict[str, int]] = {}
    calls: ClassVar[list[tuple[str, date, date]]] = []

    def calculate_user_engagement_score(self, user: str, start_date: date, end_date: date) -> float:
        self.calls.append((user, start_date, end_date))
        if user not in self.spent:
            raise LookupError(f"no account {user}")
        return self.spent[user] / ((end_date - start_date).days + 1)


class NoCalculator:
    """Has no such method."""
