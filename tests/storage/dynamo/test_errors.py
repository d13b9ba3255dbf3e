"""Whatever DynamoDB answers, every method of the store raises an error of the domain."""

import inspect
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from pynamodb.exceptions import PynamoDBException

from chalicelib.domain.errors import Conflict, NotFound, NotStorable, Unavailable
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal_input import goal_from
from chalicelib.domain.instant import DAY
from chalicelib.domain.tracking.fold_plan import plan
from chalicelib.domain.tracking.increment import Entry
from chalicelib.domain.tracking.set_aside import SetAside
from chalicelib.domain.tracking.tracked_object import Tracked
from chalicelib.domain.tracking.tracker import Bucket
from chalicelib.domain.visitors.visitor import Visitor
from chalicelib.services.store import Written
from chalicelib.storage.dynamo.errors import ConditionFailed, translated
from chalicelib.storage.dynamo.store import DynamoStore
from tests.tracking import NOW, message, tracker

KNOWN = tracker(lanes=1)
MESSAGE = message("a", Entry("product:1", "views", NOW, 10_000), of=KNOWN)
ASIDE = SetAside("products", "k", "no_number", "by: must be a number", {}, NOW)
EXPERIMENT = experiment_from({"name": "headline"}, NOW)
REPORT = {"experiment": {"name": "x"}, "as_of_day": "2026-03-10", "revision": 1, "provisional": False}
WRITTEN = Written("digest", 1, provisional=False, counted_at=NOW)
ONE, TWO = Visitor("visitor-1", claimed_at=1), Visitor("visitor-2", belongs_to="visitor-1")

WRITES: dict[str, Callable[[Any], Any]] = {
    "save_visitor": lambda store: store.save_visitor(ONE, 1),
    "save_visitor pointer": lambda store: store.save_visitor(TWO, 1),
    "save_visitors": lambda store: store.save_visitors([(ONE, 0), (TWO, 3)], {"visitor-3": 1}),
    "remove_aliases": lambda store: store.remove_aliases("visitor-1", ["visitor-2"]),
    "save_experiment": lambda store: store.save_experiment(EXPERIMENT),
    "save_goal": lambda store: store.save_goal(goal_from("buy", NOW)),
    "save_tracker": lambda store: store.save_tracker(KNOWN),
    "remove_definition": lambda store: store.remove_definition("goal", "gone", 1),
    "archive_unreadable": lambda store: store.archive_unreadable("goal", "bad", NOW),
    "save_report": lambda store: store.save_report(REPORT, WRITTEN, WRITTEN),
    "save_scores": lambda store: store.save_scores("headline", "2026-03-10", {}, NOW),
    "save_job": lambda store: store.save_job("job", {"state": "running"}, 0, NOW),
    "save_job that ended": lambda store: store.save_job("job", {"state": "failed"}, 1, NOW),
    "forget_running": lambda store: store.forget_running("job"),
    "save_progress": lambda store: store.save_progress("job", 0, {}, 0, NOW),
    "append": lambda store: store.append([MESSAGE], [], NOW),
    "append several": lambda store: store.append([MESSAGE], [ASIDE], NOW),
    "append once": lambda store: store.append([MESSAGE], [ASIDE], NOW, "once"),
    "lease": lambda store: store.lease("products", 0, "me", NOW, NOW + DAY),
    "release": lambda store: store.release("products", 0, "me"),
    "apply": lambda store: store.apply(KNOWN, plan(KNOWN, [MESSAGE], frozenset(), NOW)),
    "save_tracked": lambda store: store.save_tracked("products", [Tracked("product:1")]),
    "take_aside": lambda store: store.take_aside(ASIDE, MESSAGE),
}
READS: dict[str, Callable[[Any], Any]] = {
    "load_visitor": lambda store: store.load_visitor("visitor-1", NOW),
    "aliases": lambda store: store.aliases("visitor-1"),
    "visitor_pages": lambda store: list(store.visitor_pages(0, 1, NOW, None)),
    "visitor_bytes": lambda store: store.visitor_bytes(),
    "definitions": lambda store: store.definitions(),
    "load_report": lambda store: store.load_report("headline", "2026-03-10"),
    "written_reports": lambda store: store.written_reports("headline"),
    "scores": lambda store: store.scores("headline"),
    "load_job": lambda store: store.load_job("job"),
    "jobs": lambda store: store.jobs(),
    "running_jobs": lambda store: store.running_jobs(),
    "load_progress": lambda store: store.load_progress("job", 0),
    "pending": lambda store: store.pending("products", 0, NOW, 9),
    "counts_between": lambda store: list(store.counts_between(KNOWN, 1, 2, NOW)),
    "counts_at": lambda store: store.counts_at(KNOWN, "product:1", "views", [Bucket(1)], NOW),
    "tracked": lambda store: store.tracked("products"),
    "tracked some": lambda store: store.tracked("products", ["product:1"]),
    "aside": lambda store: store.aside("products", NOW, 9),
    "aside_at": lambda store: store.aside_at("products", "k", NOW),
}
TRANSACTIONS = {"save_visitor pointer", "save_visitors", "append once", "apply", "take_aside"}
BATCHES = {"append several", "save_tracked", "remove_aliases"}
PLAIN = {*WRITES} - TRANSACTIONS - BATCHES
CONDITIONAL = {
    *("save_visitor", "save_experiment", "save_goal", "save_tracker", "save_report"),
    *("remove_definition", "archive_unreadable"),
}
CONDITIONAL |= {"save_job", "save_job that ended", "save_progress"}


class Raw:
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


class Stubbed(DynamoStore):
    """A store whose every request gets `reply` by a hook of botocore: status and body, or an error."""

    def __init__(self) -> None:
        super().__init__("visitors", "leansplit")
        self.reply: tuple[int, dict[str, Any]] | Exception = (200, {})
        self.asked: list[str] = []
        for model in (self._visitors, self._items):
            events = model._get_connection().connection.client.meta.events
            events.register_first("before-send.dynamodb.*", self._answer)

    def _answer(self, request: Any, event_name: str, **_: Any) -> AWSResponse:
        self.asked.append(event_name.rpartition(".")[2])
        if isinstance(self.reply, Exception):
            raise self.reply
        status, body = self.reply
        return AWSResponse(request.url, status, {}, Raw(json.dumps(body).encode()))


def refusal(code: str, *reasons: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}
    if reasons:
        body["CancellationReasons"] = [{"Code": reason} for reason in reasons]
    return status, body


def cancelled(*reasons: str) -> tuple[int, dict[str, Any]]:
    return refusal("TransactionCanceledException", *reasons)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Stubbed:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    return Stubbed()


def test_every_method_is_tried():
    methods = {name for name, _ in inspect.getmembers(DynamoStore, inspect.isfunction) if name[0] != "_"}

    assert {name.split()[0] for name in {**WRITES, **READS}} == methods


BUSY = [
    refusal("ProvisionedThroughputExceededException"),
    refusal("ThrottlingException"),
    refusal("RequestLimitExceeded"),
    refusal("InternalServerError", status=500),
    refusal("ServiceUnavailable", status=503),
    refusal("SomethingNew", status=502),
    EndpointConnectionError(endpoint_url="https://dynamodb"),
    ReadTimeoutError(endpoint_url="https://dynamodb"),
]


@pytest.mark.parametrize("reply", BUSY, ids=lambda reply: str(reply)[:70])
@pytest.mark.parametrize("name", [*WRITES, *READS])
def test_a_store_that_is_busy_or_out_of_reach_is_unavailable(store, name, reply):
    store.reply = reply
    with pytest.raises(Unavailable):
        {**WRITES, **READS}[name](store)

    assert len(store.asked) > 1  # botocore tried again before it gave up


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_a_plain_write_that_meets_a_transaction_is_a_conflict(store, name):
    store.reply = refusal("TransactionConflictException")
    with pytest.raises(Conflict):
        WRITES[name](store)


@pytest.mark.parametrize("name", sorted(CONDITIONAL))
def test_a_condition_that_fails_is_a_conflict(store, name):
    store.reply = refusal("ConditionalCheckFailedException")
    with pytest.raises(Conflict):
        WRITES[name](store)


CONFLICTS = [cancelled("None", "TransactionConflict"), refusal("TransactionInProgressException")]


@pytest.mark.parametrize("reply", CONFLICTS, ids=["conflict", "in progress"])
@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_that_meets_another_is_a_conflict_and_nothing_is_said_to_be_gone(store, name, reply):
    store.reply = reply
    with pytest.raises(Conflict) as raised:
        WRITES[name](store)

    assert not isinstance(raised.value, ConditionFailed)


THROTTLED = [cancelled("None", "ThrottlingError"), cancelled("ProvisionedThroughputExceeded", "None")]


@pytest.mark.parametrize("reply", THROTTLED, ids=["throttled", "exceeded"])
@pytest.mark.parametrize("name", sorted(TRANSACTIONS))
def test_a_transaction_cancelled_by_throttling_is_unavailable(store, name, reply):
    store.reply = reply
    with pytest.raises(Unavailable):
        WRITES[name](store)


def test_what_a_transaction_expects_and_does_not_find_is_gone_changed_or_known(store):
    store.reply = cancelled("None", "ConditionalCheckFailed")
    with pytest.raises(NotFound):
        WRITES["take_aside"](store)
    for name in ("apply", "save_visitors", "save_visitor pointer"):
        with pytest.raises(ConditionFailed):
            WRITES[name](store)

    assert WRITES["append once"](store) is False


def test_reasons_that_stand_in_the_message_alone_are_read_there(store):
    text = "Transaction cancelled, please refer cancellation reasons [None, ThrottlingError]"
    store.reply = 400, {"__type": "TransactionCanceledException", "message": text}
    with pytest.raises(Unavailable):
        WRITES["apply"](store)


def test_a_lease_of_another_is_an_answer_and_so_is_one_that_was_lost(store):
    store.reply = refusal("ConditionalCheckFailedException")

    assert WRITES["lease"](store) is False
    assert WRITES["release"](store) is None


@pytest.mark.parametrize("name", ["append several", "save_tracked", "remove_aliases"])
def test_a_batch_that_is_never_placed_is_unavailable(store, name):
    left = {"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}}
    if name == "remove_aliases":
        left = {"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}}
    store.reply = 200, {"UnprocessedItems": {"leansplit": [left]}}
    with pytest.raises(Unavailable):
        WRITES[name](store)


@pytest.mark.parametrize("reply", [refusal("ValidationException"), cancelled("ValidationError")])
def test_what_the_store_never_takes_is_said_to_be_so(store, reply):
    store.reply = reply
    with pytest.raises(NotStorable):
        WRITES["apply"](store)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_a_missing_right_or_table_stays_what_it_is(store, code):
    store.reply = refusal(code)
    with pytest.raises(PynamoDBException):
        WRITES["save_goal"](store)


def test_methods_that_a_class_inherits_and_pages_that_it_makes_are_translated_too():
    class Base:
        def fails(self) -> None:
            raise ReadTimeoutError(endpoint_url="")

    @translated
    class Derived(Base):
        def pages(self) -> Iterator[int]:
            yield 1
            raise ReadTimeoutError(endpoint_url="")

    with pytest.raises(Unavailable):
        Derived().fails()
    pages = Derived().pages()
    assert next(pages) == 1
    with pytest.raises(Unavailable):
        next(pages)


def test_transactions_and_plain_writes_of_one_item_at_once_raise_nothing_but_conflicts(dynamo_store):
    """A login holds the item while events arrive: every write is made, or is a conflict to retry."""
    dynamo_store.save_visitors([(ONE, 0)], {})

    def write(number: int) -> str:
        visitor, version = dynamo_store.load_visitor(ONE.id, NOW - DAY)
        changed = visitor._replace(claimed_at=number, expires_at=NOW + DAY)
        try:
            if number % 2:
                dynamo_store.save_visitor(changed, version)
            else:
                other = Visitor(f"visitor-other-{number}", claimed_at=number, expires_at=NOW + DAY)
                dynamo_store.save_visitors([(changed, version), (other, 0)], {})
        except Conflict:
            return "conflict"
        return "written"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(write, range(64)))

    assert set(outcomes) == {"written", "conflict"}
    assert dynamo_store.load_visitor(ONE.id, NOW)[1] == 1 + outcomes.count("written")
