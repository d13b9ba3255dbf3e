"""A deploy that was interrupted: what is under way is waited for, what never stood is made anew."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.aws import formation
from infra.errors import StackError

GONE = ClientError(
    {"Error": {"Code": "ValidationError", "Message": "Stack x does not exist"}}, "DescribeStacks"
)


class Formation:
    """CloudFormation with one stack that goes through these states, one at each look; None is gone."""

    def __init__(self, *states: str | None) -> None:
        self.calls: list[str] = []
        self._states = iter(states)
        self._state: str | None = None

    def describe_stacks(self, **_: Any) -> dict[str, Any]:
        self._state = next(self._states, self._state)
        if self._state is None:
            raise GONE
        return {"Stacks": [{"StackStatus": self._state, "Outputs": []}]}

    def describe_stack_events(self, **_: Any) -> dict[str, Any]:
        failed = {"LogicalResourceId": "Table", "ResourceStatus": "CREATE_FAILED", "EventId": "1"}
        return {"StackEvents": [{**failed, "ResourceStatusReason": "it exists"}]}

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self.calls.append(operation)


class Sky:
    """A cloud whose one service it is."""

    url = "http://127.0.0.1:1"

    def __init__(self, *states: str | None) -> None:
        self.formation = Formation(*states)

    def client(self, _: str) -> Formation:
        return self.formation


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(formation.time, "sleep", lambda _: None)
    return


def applied(*states: str | None) -> list[str]:
    sky: Any = Sky(*states)
    formation.apply(sky, "x", {}, {}, lambda _: None)
    return list(sky.formation.calls)


def test_a_stack_that_is_not_there_is_created() -> None:
    assert applied(None, "CREATE_IN_PROGRESS", "CREATE_COMPLETE") == ["create_stack"]


def test_a_creation_under_way_is_waited_for_and_then_updated() -> None:
    assert applied("CREATE_IN_PROGRESS", "CREATE_COMPLETE", "UPDATE_COMPLETE") == ["update_stack"]


def test_a_stack_that_never_stood_is_removed_and_made_anew() -> None:
    states = ("ROLLBACK_COMPLETE", "DELETE_IN_PROGRESS", None, "CREATE_COMPLETE")

    assert applied(*states) == ["delete_stack", "create_stack"]


def test_a_failure_says_which_resource_and_why() -> None:
    with pytest.raises(StackError, match="Table: it exists"):
        applied(None, "ROLLBACK_COMPLETE")


def test_a_stack_that_nobody_can_update_is_left_to_the_operator() -> None:
    with pytest.raises(StackError, match="UPDATE_ROLLBACK_FAILED"):
        applied("UPDATE_ROLLBACK_FAILED")
