"""The plan: what would be added, changed, removed; secrets are never part of it."""

from typing import Any

from infra.aws import changes, formation
from infra.aws.stack import DATA_TEMPLATE, HIDDEN

SAME, NEWER = {"Type": "A::B::C"}, {"Type": "A::B::C", "N": 2}
OLD: dict[str, Any] = {
    "Resources": {"Kept": SAME, "Other": {**SAME, "N": 1}, "Gone": {"Type": "A::B::D"}},
}
NEW: dict[str, Any] = {
    "Parameters": {"Rate": {"Default": 10}, "Key": {"NoEcho": True}},
    "Resources": {"Kept": SAME, "Other": NEWER, "New": {"Type": "A::B::E"}},
}


def test_resources_are_added_changed_and_removed() -> None:
    assert list(changes.resource_lines(OLD, NEW)) == [
        "remove Gone (A::B::D)",
        "add New (A::B::E)",
        "change Other (A::B::C)",
    ]


def test_a_parameter_s_old_and_new_value_are_shown_but_no_key() -> None:
    before = {"Rate": "10", "Key": HIDDEN}

    assert list(changes.parameter_lines(before, {"Rate": "50", "Key": "secret"}, NEW)) == ["Rate: 10 → 50"]
    assert list(changes.parameter_lines(before, {"Key": "secret"}, NEW)) == []


def test_a_new_stack_is_counted_by_kind() -> None:
    template = formation.parsed(DATA_TEMPLATE.read_text())

    assert changes.counted(template) == "2 DynamoDB::Table, 3 S3::Bucket; by its settings S3::BucketPolicy"


def test_templates_are_read_as_json_and_as_yaml_with_short_tags() -> None:
    assert formation.parsed('{"a": {"Ref": "B"}}') == formation.parsed("a: !Ref B")
    assert formation.parsed("a: !If [C, {b: !Sub x}, 1]") == {"a": {"If": ["C", {"b": {"Sub": "x"}}, 1]}}
