"""What every store must do, held against memory and DynamoDB alike."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from chalicelib.domain.errors import Conflict, Refused, UnreadableDocument
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal
from chalicelib.domain.instant import DAY, SECOND
from chalicelib.domain.tracking.tracker_input import tracker_from
from chalicelib.domain.visitors.event import BROWSER, Confirmed, Enrolled, Reached
from chalicelib.domain.visitors.visitor import Confirmation, Enrollment, Visitor
from chalicelib.services.store import Written
from chalicelib.services.visitors.collect import collect
from chalicelib.storage import keys
from chalicelib.storage.memory.store import MemoryStore
from tests.domain.worlds import world

NOW = time.time_ns() // 1_000_000
ME = Visitor(
    "visitor-one",
    human=Confirmation(NOW, "c"),
    enrollments={"x": Enrollment("test", 1, NOW, "e")},
    expires_at=NOW // SECOND * SECOND + DAY,
)


def test_an_unknown_visitor_is_empty_and_has_no_version(store):
    assert store.load_visitor("nobody", NOW) == (Visitor("nobody"), 0)


def test_a_visitor_is_read_as_it_was_written(store):
    store.save_visitor(ME, 0)

    assert store.load_visitor(ME.id, NOW) == (ME, 1)


def test_only_the_version_that_was_read_can_be_written_over(store):
    store.save_visitor(ME, 0)
    store.save_visitor(ME, 1)
    for stale in (0, 1, 3):
        with pytest.raises(Conflict):
            store.save_visitor(ME, stale)

    assert store.load_visitor(ME.id, NOW)[1] == 2


def test_an_expired_visitor_reads_as_absent_and_can_be_replaced(store):
    store.save_visitor(ME, 0)
    later = ME.expires_at

    assert store.load_visitor(ME.id, later) == (Visitor(ME.id), 1)
    assert [page.visitors for page in store.visitor_pages(0, 1, later, None)] == [[]]

    store.save_visitor(ME._replace(expires_at=later + DAY), 1)

    assert store.load_visitor(ME.id, later)[0].human == ME.human


def test_a_document_that_is_too_large_is_refused_and_nothing_is_written(store):
    many = {f"experiment-{number:060d}": ME.enrollments["x"] for number in range(1000)}
    with pytest.raises(Refused, match="document_too_large"):
        store.save_visitor(ME._replace(enrollments=many), 0)

    assert store.load_visitor(ME.id, NOW)[1] == 0


@pytest.mark.parametrize("segments", [1, 3])
def test_segments_hold_every_document_once(store, segments):
    for number in range(50):
        store.save_visitor(ME._replace(id=f"visitor-{number}"), 0)
    found = [
        visitor.id
        for segment in range(segments)
        for page in store.visitor_pages(segment, segments, NOW, None)
        for visitor in page.visitors
    ]

    assert sorted(found) == sorted(f"visitor-{number}" for number in range(50))


def test_definitions_are_read_as_they_were_written(store):
    experiment = store.save_experiment(experiment_from({"name": "x", "weights": [0.3, 0.7]}, NOW))
    goal = store.save_goal(Goal("buy", NOW, max_value=990_000))
    found = store.definitions()

    assert (experiment.version, goal.version) == (1, 1)
    assert (found.experiments, found.goals) == ({"x": experiment}, {"buy": goal})


def test_a_definition_changed_meanwhile_is_a_conflict(store):
    first = store.save_experiment(experiment_from({"name": "x"}, NOW))
    store.save_experiment(replace(first, description="mine"))
    with pytest.raises(Conflict):
        store.save_experiment(replace(first, description="yours"))
    with pytest.raises(Conflict):
        store.save_experiment(experiment_from({"name": "x"}, NOW))


def test_every_change_of_a_definition_raises_their_number(store):
    numbers = [store.definitions().number]
    experiment = store.save_experiment(experiment_from({"name": "x"}, NOW))
    for change in (
        lambda: store.save_goal(Goal("buy", NOW)),
        lambda: store.save_tracker(tracker_from({"name": "views", "kind": "page", "fields": ["views"]}, NOW)),
        lambda: store.save_experiment(replace(experiment, description="mine")),
    ):
        numbers.append(store.definitions().number)
        change()
    with pytest.raises(Conflict):
        store.save_experiment(experiment)
    store.save_job("j", {"state": "succeeded"}, 0, NOW)

    assert [*numbers, store.definitions().number] == [0, 1, 2, 3, 4]


def test_a_definition_is_removed_at_its_version_alone_and_the_removal_is_counted(store):
    goal = store.save_goal(Goal("buy", NOW))
    with pytest.raises(Conflict):
        store.remove_definition("goal", "buy", goal.version + 1)
    assert (set(store.definitions().goals), store.definitions().number) == ({"buy"}, 1)
    store.remove_definition("goal", "buy", goal.version)

    assert (store.definitions().goals, store.definitions().number) == ({}, 2)
    assert store.save_goal(Goal("buy", NOW)).version == 1


def put_text(store, kind, name, body):
    """A definition as nobody writes it."""
    if isinstance(store, MemoryStore):
        store.put_definition(kind, name, body)
    else:
        store._items(*keys.definition_key(kind, name), body=body, version=1).save()


@pytest.mark.parametrize("body", ["{}", "not JSON", '{"name": "bad"}'])
def test_what_cannot_be_read_is_archived_once_and_nothing_else_is(store, body):
    put_text(store, "goal", "bad", body)
    store.save_goal(Goal("good", NOW))
    assert set(store.definitions().unreadable) == {("goal", "bad")}
    for _ in range(2):
        store.archive_unreadable("goal", "bad", NOW)
    store.archive_unreadable("goal", "nobody", NOW)
    with pytest.raises(Conflict):
        store.archive_unreadable("goal", "good", NOW)

    found = store.definitions()
    assert (found.unreadable, found.archived_unreadable) == ({}, {("goal", "bad")})
    assert set(found.goals) == {"good"}


@pytest.mark.parametrize("kind", ["experiment", "goal", "tracker"])
def test_what_was_archived_is_read_as_it_was_written(store, kind):
    definitions = {
        "experiment": experiment_from({"name": "x"}, NOW),
        "goal": Goal("x", NOW),
        "tracker": tracker_from({"name": "x", "kind": "page", "fields": ["views"]}, NOW),
    }
    save = getattr(store, f"save_{kind}")
    saved = save(replace(save(definitions[kind]), archived_at=NOW))
    found = store.definitions()

    assert found.archived == {(kind, "x"): saved}
    assert "x" not in {**found.experiments, **found.goals, **found.trackers}


def test_changes_of_different_definitions_at_once_are_all_made_and_counted(dynamo_store):
    goals = [Goal(f"goal-{number}", NOW) for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(dynamo_store.save_goal, goals))
    found = dynamo_store.definitions()

    assert (len(found.goals), found.number) == (16, 16)


def test_the_number_is_what_a_query_of_the_definitions_reads_first():
    others = [
        keys.definition_key("experiment", "a"),
        keys.definition_key("goal", "-"),
        keys.definition_key("tracker", "0"),
    ]

    assert keys.number_key() < min(others)
    assert {partition for partition, _ in others} == {keys.number_key()[0]}


def test_a_report_is_read_as_it_was_written_and_listed_by_day(store):
    for day, revision in (("2026-11-02", 1), ("2026-11-01", 2)):
        report = {
            "experiment": {"name": "x"},
            "as_of_day": day,
            "revision": revision,
            "provisional": False,
            "p": 1.5e-300,
        }
        store.save_report(report, Written(f"digest of {day}", revision, False, 7), None)

    assert store.load_report("x", "2026-11-01") == report
    assert store.load_report("x", "2026-11-03") is None
    assert store.written_reports("x") == {
        "2026-11-01": Written("digest of 2026-11-01", 2, False, 7),
        "2026-11-02": Written("digest of 2026-11-02", 1, False, 7),
    }
    assert list(store.written_reports("x")) == ["2026-11-01", "2026-11-02"]


def test_jobs_are_written_under_their_version(store):
    store.save_job("j", {"state": "running"}, 0, NOW)
    with pytest.raises(Conflict):
        store.save_job("j", {"state": "again"}, 0, NOW)
    store.save_job("j", {"state": "done"}, 1, NOW)

    assert store.load_job("j") == ({"state": "done"}, 2)
    assert store.load_job("k") is None


def test_all_jobs_are_listed(store):
    assert store.jobs() == []
    for name in ("i", "j"):
        store.save_job(name, {"id": name, "state": "failed"}, 0, NOW)

    assert [each["id"] for each in store.jobs()] == ["i", "j"]


def test_jobs_that_run_are_found_until_they_end(store):
    for name in ("i", "j"):
        store.save_job(name, {"id": name, "state": "running"}, 0, NOW)
    store.save_job("i", {"id": "i", "state": "running", "done": [1]}, 1, NOW)

    assert store.running_jobs() == ["i", "j"]

    store.save_job("i", {"id": "i", "state": "succeeded"}, 2, NOW)

    assert store.running_jobs() == ["j"]


def test_the_progress_of_a_segment_is_written_under_its_version(store):
    assert store.load_progress("j", 3) is None
    store.save_progress("j", 3, {"key": "a"}, 0, NOW)
    store.save_progress("j", 4, {"key": "b"}, 0, NOW)
    with pytest.raises(Conflict):
        store.save_progress("j", 3, {"key": "late"}, 0, NOW)

    assert store.load_progress("j", 3) == ({"key": "a"}, 1)


def report_of(day, **more):
    return {"experiment": {"name": "x"}, "as_of_day": day, "revision": 1, "provisional": False, **more}


def test_a_report_replaces_only_the_one_that_was_found(store):
    first, second = Written("a", 1, False, 5), Written("b", 2, False, 9, failed=True)
    store.save_report(report_of("2026-11-01"), first, None)
    for stale in (None, replace(first, counted_at=4), replace(first, digest="z"), second):
        with pytest.raises(Conflict):
            store.save_report(report_of("2026-11-01"), second, stale)
    store.save_report(report_of("2026-11-01"), second, first)

    assert store.written_reports("x") == {"2026-11-01": second}


def test_a_report_too_large_for_an_item_is_kept_without_its_largest_blocks(store):
    chance = random.Random(7)
    tallies = [{"goals": {str(chance.getrandbits(60)): [chance.getrandbits(60)]}} for _ in range(30_000)]
    report = report_of("2026-11-01", tallies=tallies, srm={"verdict": "ok"}, goals=[])
    store.save_report(report, Written("a", 1, False, 5), None)
    found = store.load_report("x", "2026-11-01")

    assert "tallies" not in found
    assert found["file"] == "reports/x/2026-11-01.json"
    assert (found["srm"], found["goals"]) == ({"verdict": "ok"}, [])


def test_scores_of_an_earlier_recount_change_nothing(store):
    for arms, counted_at in (([[1]], 5), ([[3]], 5), ([[2]], 4)):
        store.save_scores("x", "2026-11-01", {"arms": arms}, counted_at)

    assert store.scores("x") == {"2026-11-01": {"arms": [[3]]}}


def test_dynamodb_removes_a_job_in_its_time(dynamo_store):
    """In whole seconds, as its time to live wants them; never too early."""
    dynamo_store.save_job("j", {"state": "running"}, 0, 1_700_000_000_001)
    dynamo_store.save_job("j", {"state": "done"}, 1, 1_700_000_000_001)

    assert dynamo_store._get(("jobs", "j")).expires_at == 1_700_000_001


def test_a_document_that_cannot_be_read_tells_its_version(store):
    store.save_visitor(ME, 0)
    spoil(store)
    with pytest.raises(UnreadableDocument, match="not a document") as found:
        store.load_visitor(ME.id, NOW)

    assert found.value.version == 1


def spoil(store):
    if isinstance(store, MemoryStore):
        store.visitors[ME.id] = ("nonsense", *store.visitors[ME.id][1:])
    else:
        store._visitors(ME.id).update(actions=[store._visitors.body.set("nonsense")])


def test_forty_threads_on_one_visitor_lose_nothing_and_double_nothing(dynamo_store):
    definitions, at = world(), NOW - 60_000
    definitions = replace(
        definitions, goals={name: replace(goal, declared_at=0) for name, goal in definitions.goals.items()}
    )
    events = [Confirmed("c", at), Enrolled("e", at, "whole")]
    goals = [Reached(f"g{number}", at + 1, "spend", number) for number in range(40)]

    def deliver(number: int) -> None:
        for _ in range(2):
            collect(
                dynamo_store, definitions, ME.id, [*events, goals[number], goals[number - 1]], NOW, BROWSER
            )

    with ThreadPoolExecutor(40) as pool:
        list(pool.map(deliver, range(40)))
    visitor, _ = dynamo_store.load_visitor(ME.id, NOW)

    assert len(visitor.facts) == 40
    assert sum(fact.value for fact in visitor.facts) == sum(range(40))
    assert len(visitor.enrollments) == 1


class LosesAnswers:
    """A store whose every write arrives, and whose first answer gets lost on the way back."""

    def __init__(self, store):
        self.store, self.lost = store, False

    def load_visitor(self, *args):
        return self.store.load_visitor(*args)

    def save_visitor(self, *args):
        self.store.save_visitor(*args)
        if not self.lost:
            self.lost = True
            raise Conflict("the retry met what the first try had written")


def test_a_request_retried_after_a_lost_answer_changes_nothing(store):
    event = Confirmed("c", NOW)
    collected = collect(LosesAnswers(store), world(), ME.id, [event], NOW, BROWSER)

    assert not collected.written
    assert store.load_visitor(ME.id, NOW)[1] == 1


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"name": "bad"}', "null", '"x"', "5"])
@pytest.mark.parametrize("kind", ["experiment", "goal", "tracker"])
def test_a_definition_that_cannot_be_read_hides_no_other(dynamo_store, kind, body):
    dynamo_store.save_experiment(experiment_from({"name": "good"}, NOW))
    dynamo_store._items("definitions", f"{kind}#bad", body=body, version=3).save()
    found = dynamo_store.definitions()

    assert [*found.experiments] == ["good"]
    assert [*found.unreadable] == [(kind, "bad")]
