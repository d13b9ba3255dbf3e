"""The story of one person: what the report must say of it."""

import copy

from infra.demo import people_story

TOLD = {"variation": "test", "again": "test"}


def goal(key):
    return {
        "key": key,
        "arms": [{"key": "control", "n": 0, "conversions": 0}, {"key": "test", "n": 1, "conversions": 1}],
    }


REPORT = {"exclusions": {"conflicts": 0}, "goals": [goal("signup"), goal("buy"), goal("any")]}


def test_one_participant_with_all_goals_is_the_story():
    assert people_story.check(REPORT, TOLD) == []


def test_a_second_participant_a_lost_goal_a_conflict_and_another_variation_are_named():
    report = copy.deepcopy(REPORT)
    report["exclusions"]["conflicts"] = 1
    report["goals"][0]["arms"][0]["n"] = 1
    report["goals"][1]["arms"][1]["conversions"] = 0

    assert people_story.check(report, {**TOLD, "again": "control"}) == [
        "participants: 2 in the report, 1 told",
        "variation on the second device: control in the report, test told",
        "conflicts: 1 in the report, 0 told",
        "conversions of buy: 0 in the report, 1 told",
    ]
