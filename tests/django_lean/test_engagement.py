"""django-lean's engagement: scores of your function, or recorded values."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from scipy.stats import ttest_ind

from chalicelib.config import BadSetting
from chalicelib.domain.instant import DAY, SECOND
from tests.django_lean.steps import (
    CONFIRM,
    arms,
    comparison,
    enroll,
    night,
    people,
    reach,
    report_of,
    row,
    run_job,
    see,
    setting,
    written,
)
from tests.django_lean.wiki import DollarsPerDay
from tests.web.client import Site

SCORE = "engagement_score"
WIKI = "tests.django_lean.wiki"
Groups = dict[str, list[str]]


@pytest.fixture
def wiki(lean: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """The calculator of the wiki in the settings; nobody has an account yet."""
    setting(monkeypatch, "ENGAGEMENT_CALCULATOR", f"{WIKI}.DollarsPerDay")
    lean.now -= 2 * DAY
    yield lean
    DollarsPerDay.spent.clear()
    DollarsPerDay.calls.clear()


def everybody(users: Groups) -> list[str]:
    return [user for group in users.values() for user in group]


def accounts(users: Groups) -> None:
    """Everybody in the groups has spent something else."""
    for number, user in enumerate(everybody(users)):
        DollarsPerDay.spent[user] = 10 + number * number % 37


def test_your_function_is_called_once_per_participant_and_day_with_its_own_dates(wiki: Site) -> None:
    early = people(wiki, control=2, test=2)
    wiki.now += DAY
    late = people(wiki, control=1, test=1)
    see(wiki, CONFIRM, enroll())
    night(wiki)
    eighth, ninth = date(2026, 3, 8), date(2026, 3, 9)
    expected = [(user, eighth, day) for user in everybody(early) for day in (eighth, ninth)]
    expected += [(user, ninth, ninth) for user in everybody(late)]

    assert Counter(DollarsPerDay.calls) == Counter(expected)


def test_a_score_is_that_of_the_enrolment_and_the_day_and_the_arms_have_means(wiki: Site) -> None:
    users = people(wiki, control=2, test=1)
    accounts(users)
    night(wiki, days=3)
    spent = {key: [DollarsPerDay.spent[user] for user in group] for key, group in users.items()}

    for days, day in ((1, "2026-03-08"), (2, "2026-03-09"), (3, "2026-03-10")):
        found = arms(report_of(wiki, day=day), SCORE)
        for key, dollars in spent.items():
            scores = [round(Decimal(each) / days, 4) for each in dollars]
            assert found[key]["n"] == len(dollars)
            assert found[key]["mean"] == pytest.approx(float(sum(scores) / len(scores)), rel=1e-12)


def test_scores_are_compared_by_pooled_students_t_two_sided(wiki: Site) -> None:
    users = people(wiki, control=9, test=7)
    accounts(users)
    night(wiki)
    spent = {key: [DollarsPerDay.spent[user] for user in group] for key, group in users.items()}
    expected = ttest_ind(spent["test"], spent["control"], equal_var=True, alternative="two-sided")
    found = comparison(report_of(wiki, day="2026-03-08"), SCORE)["fixed_horizon"]

    assert (found["test"], found["df"]) == ("student", 14)
    assert found["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-10)
    assert found["confidence_percent"] == pytest.approx(100 * (1 - expected.pvalue), rel=1e-10)


@pytest.mark.parametrize("sizes", [{"control": 3}, {"test": 3}])
def test_engagement_is_null_for_empty_arms(wiki: Site, sizes: dict[str, int]) -> None:
    accounts(people(wiki, **sizes))
    night(wiki)
    found = report_of(wiki, day="2026-03-08")
    empty = arms(found, SCORE)[next(key for key in ("control", "test") if key not in sizes)]
    against = comparison(found, SCORE)

    assert (empty["n"], empty["mean"], against["status"]) == (0, None, "empty_arm")
    figures = ("statistic", "p_value", "confidence_percent", "confidence_class")
    assert [against["fixed_horizon"][figure] for figure in figures] == [None] * 4


def test_without_variance_there_is_no_t(wiki: Site) -> None:
    DollarsPerDay.spent.update(dict.fromkeys(everybody(people(wiki, control=3, test=3)), 12))
    night(wiki)
    found = comparison(report_of(wiki, day="2026-03-08"), SCORE)

    assert (found["status"], found["fixed_horizon"]["statistic"]) == ("zero_variance", None)


def test_a_user_whose_score_fails_is_set_aside_and_counted(wiki: Site) -> None:
    users = people(wiki, control=2, test=2)
    accounts(users)
    del DollarsPerDay.spent[users["test"][0]]
    job = night(wiki)
    found = row(report_of(wiki, day="2026-03-08"), SCORE)

    assert job["state"] == "succeeded"
    assert found["failed_users"] == 1
    assert [arm["n"] for arm in found["arms"]] == [2, 1]
    assert "no account" in str(job["calculation"]["failures"])


def test_engagement_comes_from_recorded_values_without_any_function(lean: Site) -> None:
    users = people(lean, control=2, test=3)
    lean.now += SECOND
    reach(lean, users["control"][:1], "spend", value="10.50")
    reach(lean, users["test"], "spend", value=4)
    night(lean)
    found = report_of(lean, day="2026-03-10")

    assert SCORE not in [goal["key"] for goal in found["goals"]]
    assert {key: arm["mean"] for key, arm in arms(found, "spend").items()} == {"control": 5.25, "test": 4}
    assert comparison(found, "spend")["fixed_horizon"]["test"] == "student"


def test_without_a_calculator_conversion_reports_still_run(lean: Site) -> None:
    users = people(lean, control=1, test=1)
    lean.now += SECOND
    reach(lean, users["test"], "signup")
    night(lean)

    assert arms(report_of(lean, day="2026-03-10"), "signup")["test"]["conversions"] == 1


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("no.such.module.Calculator", "ENGAGEMENT_CALCULATOR 'no.such.module.Calculator' cannot be loaded"),
        (f"{WIKI}.Euros", f"ENGAGEMENT_CALCULATOR '{WIKI}.Euros' cannot be loaded"),
        (f"{WIKI}.NoCalculator", "has no calculate_user_engagement_score"),
        ("Calculator", "ENGAGEMENT_CALCULATOR must be a dotted path like package.module.Class"),
    ],
)
def test_a_bad_path_is_a_clear_error(
    lean: Site, monkeypatch: pytest.MonkeyPatch, path: str, says: str
) -> None:
    setting(monkeypatch, "ENGAGEMENT_CALCULATOR", path)

    with pytest.raises(BadSetting, match=says):
        run_job(lean)

    setting(monkeypatch, "ENGAGEMENT_CALCULATOR", "")
    assert written(lean) == []
