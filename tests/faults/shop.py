"""Three days of a small shop, drawn from a seed: visitors, logins, servers, trackers, operators, nights.

Whoever calls tries again until it is answered, as browsers, servers and Lambda do. So whatever fails
on the way, the reports of the last night must be those of days without a fault.
"""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.counting.tally import Tally
from chalicelib.domain.definitions import Definitions
from chalicelib.domain.errors import Conflict, LeansplitError, NotFound, Refused, Unavailable
from chalicelib.domain.experiments.experiment import Variation, disable, enable, reweigh
from chalicelib.domain.experiments.experiment_input import experiment_from
from chalicelib.domain.experiments.goal import Goal, GoalType
from chalicelib.domain.instant import DAY, HOUR, MINUTE, Instant, day_of, iso_day, start_of
from chalicelib.domain.tracking.tracker import EXCLUDED
from chalicelib.domain.visitors.event import BROWSER, SERVER, Confirmed, Enrolled, Event, Reached
from chalicelib.domain.visitors.visitor import Confirmation
from chalicelib.services.experiments.publish import publish_newest, publish_what_is_missing
from chalicelib.services.reports import recount, recount_job
from chalicelib.services.reports.engagement_scores import SCORE
from chalicelib.services.reports.recount import Worker
from chalicelib.services.reports.write_reports import ReportRun, write_reports
from chalicelib.services.tracking import manage_trackers, set_aside
from chalicelib.services.tracking.exclusions import exclude
from chalicelib.services.tracking.fold import Folder, fold, fold_until
from chalicelib.services.tracking.track import Sender, track
from chalicelib.services.visitors.collect import collect
from chalicelib.services.visitors.erase import erase
from chalicelib.services.visitors.identify import identify
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.objects import Objects
from tests.faults.faulty import Faults, Faulty, Killed

FIRST = 20_000
BEGIN = start_of(FIRST)
DAYS = 3
LAMBDA_TRIES = 3
CLIENT_TRIES = 40
TRACKERS = (
    {"name": "products", "kind": "product", "fields": ["views"]},
    {"name": "known", "kind": "product", "fields": ["views"], "declared_only": True},
)
BUILT = {"leansplit.js": b"1", "leansplit.mjs": b"2", "leansplit.js.map": b'{"mappings":""}'}

Step = tuple[Instant, int, Callable[[], None]]
Reports = dict[str, Any]


class Shop:
    """The days. `store` and `objects` are the real ones; everything else goes by way of the faults."""

    def __init__(
        self, seed: int, store: Any, objects: Objects, site: Objects, faults: Faults | None = None
    ) -> None:
        self.seed, self.faults = seed, faults or Faults()
        self.store, self.files = Faulty(store, self.faults), Faulty(JsonFiles(objects), self.faults)
        self.site = Faulty(site, self.faults)
        self.chance = random.Random(seed)
        self.segments = self.chance.choice([1, 1, 3])
        self.hurry = self.chance.random() < 0.3
        self.calculates = self.chance.random() < 0.3
        self.jump = self.slept = 0
        self.unanswered: list[str] = []
        self.jobs: list[str] = []

    def live(self) -> None:
        """All days, then two nights in which nothing fails."""
        self.faults.off = True
        self._open()
        self.faults.off = False
        for at, _, step in sorted(self._plan(), key=lambda each: each[:2]):
            self.now, self.slept = at, 0
            step()
        self.faults.off, self.jump = True, 0
        for night in range(2):
            self.now, self.slept = BEGIN + (DAYS + 12 + night) * DAY + HOUR // 2, 0
            self._night(f"last-{night}")
            self._minute()

    def again(self, job_id: str) -> None:
        """Another run of a job while one is under way, as when an event comes twice."""
        self._night(job_id)

    def reports(self) -> Reports:
        """What the last night left: every file without instants and revisions, and every counter."""
        self.faults.off = True
        definitions = self.store.definitions()
        found: Reports = {}
        for name, experiment in definitions.experiments.items():
            # A clock that ran ahead may have left a report of a day after the end.
            last = iso_day(day_of(self.now if experiment.ended_at is None else experiment.ended_at))
            for day in self.store.written_reports(name):
                if day <= last:
                    found[f"{name}/{day}"] = _comparable(self.store.load_report(name, day))
        for name in ("products", "known"):
            tracker = definitions.trackers[name]
            counts = self.store.counts_between(tracker, FIRST, FIRST + DAYS + 1, self.now)
            found[name] = sorted([each.object, str(each.bucket), each.amount] for each in counts)
        found["published"] = str(self.site.get("leansplit.config.js"))
        found["set aside"] = [each.key for each in self.store.aside("known", self.now, 100)]
        return found

    def _open(self) -> None:
        for name in ("headline", "price", "ended"):
            self.store.save_experiment(enable(experiment_from({"name": name}, BEGIN), BEGIN))
        self.store.save_goal(Goal("buy", BEGIN))
        self.store.save_goal(Goal("spend", BEGIN, GoalType.ENGAGEMENT))
        for tracker in TRACKERS:
            manage_trackers.create(self.store, tracker, BEGIN)

    def _plan(self) -> list[Step]:
        """All steps with their instants; drawn before anything fails, so that they are the same."""
        draw, steps = self.chance, []

        def add(at: Instant, step: Callable[[], None]) -> None:
            steps.append((at, len(steps), step))

        for number in range(14):
            begun = BEGIN + draw.randrange(DAYS * DAY - DAY)
            for visit in range(draw.choice([1, 1, 2, 3])):
                at = min(begun + visit * draw.randrange(DAY), BEGIN + DAYS * DAY - HOUR)
                events = self._visit(draw, f"v{number}-{visit}", at)
                for _ in range(draw.choice([1, 1, 2])):
                    late = at + draw.choice([0, 0, HOUR, 20 * HOUR])
                    add(late, self._browser(f"visitor-{number:04d}", events, late))
        for number in range(4):
            at = BEGIN + draw.randrange(2 * DAY)
            user = f"user-{number % 3}"
            add(at, self._login(f"visitor-{number:04d}", user, at))
            bought = Reached(f"order-{number}", at + HOUR, "spend", draw.randrange(10**6))
            for _ in range(2):
                add(at + HOUR * draw.randrange(1, 30), self._server(user, bought))
        for number in range(12):
            at = BEGIN + draw.randrange(DAYS * DAY)
            add(at, self._emit(f"once-{self.seed}-{number}", at))
            add(at, self._bot(f"bot-{number}", at))
        self._operate(add, draw)
        self._declare_late(add, draw)
        for day in range(1, DAYS + 1):
            at = BEGIN + day * DAY + HOUR // 2
            add(at, lambda day=day: self._night(f"night-{day}"))
            add(at + MINUTE, self._minute)
        add(BEGIN + draw.randrange(DAYS) * DAY + 20 * HOUR, lambda: self._night("by-hand"))
        return steps

    def _operate(self, add: Callable[[Instant, Callable[[], None]], None], draw: random.Random) -> None:
        weights = (Variation("control", 0.8), Variation("test", 0.2))
        at = BEGIN + DAY + draw.randrange(DAY)
        add(at, lambda: self._change("price", lambda each: reweigh(each, weights, at)))
        end = BEGIN + DAY + draw.randrange(DAY)
        add(end, lambda: self._change("ended", lambda each: disable(each, end)))
        said = BEGIN + draw.randrange(DAYS * DAY)
        add(said, lambda: self._change("headline", lambda each: replace(each, description="Tea or coffee")))
        gone = BEGIN + 2 * DAY + draw.randrange(DAY)
        add(gone, lambda: self._try("erase", lambda: _gone(erase, self.store, "visitor-0007", gone)))

    def _declare_late(self, add: Callable[[Instant, Callable[[], None]], None], draw: random.Random) -> None:
        """Events of an object that nobody declared are set aside, and replayed once somebody did."""
        at = BEGIN + draw.randrange(DAY)
        add(at, self._emit(f"early-{self.seed}", at, "known", "product:late"))
        add(at, self._emit(f"never-{self.seed}", at, "known", "product:never"))
        declared = BEGIN + 2 * DAY + HOUR
        late = [{"object": "product:late", "label": "Late"}]

        def declare() -> None:
            manage_trackers.declare(self.store, self._definitions().trackers["known"], late)

        def replay() -> None:
            trackers = self._definitions().trackers
            waiting = [each for each in set_aside.listed(self.store, trackers, "known", declared)]
            ids = [each.shown()["id"] for each in waiting]
            answers = set_aside.replay(self.store, trackers, ids, declared) if ids else {}
            if "try again" in answers.values():
                raise Unavailable("some are left")

        add(declared, lambda: self._try("declare", declare))
        add(declared + 1, lambda: self._try("replay", replay))

    def _visit(self, draw: random.Random, visit: str, at: Instant) -> list[Event]:
        events: list[Event] = [Confirmed(f"c-{visit}", at)]
        events += [Enrolled(f"e-{visit}-{name}", at, name) for name in ("headline", "price", "ended")]
        if draw.random() < 0.5:
            events.append(Reached(f"g-{visit}", at + 1, "buy"))
        if draw.random() < 0.5:
            events.append(Reached(f"s-{visit}", at + 2, "spend", draw.randrange(10**6)))
        return events

    def _browser(self, visitor: str, events: list[Event], now: Instant) -> Callable[[], None]:
        def send() -> None:
            collect(self.store, self._definitions(), visitor, events, now, BROWSER, signed=True)

        return lambda: self._try("collect", send)

    def _server(self, user: str, event: Reached) -> Callable[[], None]:
        def send() -> None:
            now = event.at + 30 * HOUR
            collect(self.store, self._definitions(), f"~{user}", [event], now, SERVER, True, registered=True)

        return lambda: self._try("server", send)

    def _login(self, visitor: str, user: str, at: Instant) -> Callable[[], None]:
        told = Confirmation(at, f"login-{user}")
        return lambda: self._try(
            "identify", lambda: identify(self.store, self._definitions(), visitor, user, told, at)
        )

    def _emit(
        self, once: str, at: Instant, tracker: str = "products", object_: str = "product:1"
    ) -> Callable[[], None]:
        event = {"tracker": tracker, "object": object_, "field": "views"}

        def send() -> None:
            sender = Sender(server=tracker == "products")
            track(self.store, self._definitions(), [event], at, sender, once, lambda _: False, once)

        return lambda: self._try("track", send)

    def _bot(self, message: str, at: Instant) -> Callable[[], None]:
        # The same key again is the same message: put over itself, until it was folded.
        return lambda: self._try(
            "exclude", lambda: exclude(self.store, at, message, {("headline", "bot"): 1})
        )

    def _change(self, name: str, change: Callable[[Any], Any]) -> None:
        def save() -> None:
            before = self._definitions().experiments[name]
            after = change(before)
            if after != before:
                self.store.save_experiment(after)

        self._try("change", save)
        self._try("publish", lambda: publish_newest(self.store, self.site, BUILT, self._clock()))

    def _definitions(self) -> Definitions:
        found: Definitions = self.store.definitions()
        return found

    def _try(self, what: str, call: Callable[[], Any]) -> None:
        """Until it is answered: a client, its proxy or its queue tries again."""
        for _ in range(CLIENT_TRIES):
            with suppress(Conflict, Unavailable, Killed):
                with suppress(Refused):
                    call()
                return
        self.unanswered.append(what)

    def _clock(self) -> Instant:
        return self.now + self.jump + self.slept

    def _sleep(self, seconds: float) -> None:
        self.slept += int(seconds * 1000)

    def _night(self, job_id: str) -> None:
        """The schedule's event, which Lambda tries three times, as it does each segment's."""
        queue: list[tuple[str, int]] = []
        for _ in range(LAMBDA_TRIES):
            with suppress(LeansplitError, Killed):
                self._folded(job_id)
                self._begin(job_id, queue)
                break
        runs = 0
        while queue and runs < 2_000:
            told = queue.pop(0)
            for _ in range(LAMBDA_TRIES):
                runs += 1
                with suppress(LeansplitError, Killed):
                    recount.run_segment(self._worker(queue), *told)
                    break
        self.jobs.append(job_id)

    def _begin(self, job_id: str, queue: list[tuple[str, int]]) -> None:
        try:
            assert recount_job.segments_for(self.store.visitor_bytes()) == 1
            job = recount_job.start(self.store, job_id, self.segments, self._clock())
        except Conflict:
            job = recount_job.current(self.store, job_id)
        queue.extend((job_id, segment) for segment in recount_job.unfinished(job))

    def _folded(self, owner: str) -> None:
        trackers = self._definitions().trackers.values()
        fold(Folder(self.store, self._clock, owner, sleep=self._sleep), trackers, self._clock())

    def _minute(self) -> None:
        self._try("watch", lambda: recount_job.watch(self.store, self._clock()))
        self._try(
            "publish", lambda: publish_what_is_missing(self.store, self.site, lambda: BUILT, self._clock())
        )

    def _worker(self, queue: list[tuple[str, int]]) -> Worker:
        looks = [0]

        def remaining() -> int:
            looks[0] += 1
            return 900_000 if not self.hurry or looks[0] < 6 else 0

        def finish(tally: Tally, now: Instant, between: Callable[[], None]) -> ReportRun:
            fold_until(self.store, [EXCLUDED], self._clock, "night", now, sleep=self._sleep)
            return write_reports(self.store, self.files, tally, now, between=between)

        return Worker(
            self.store,
            self.files,
            lambda *told: queue.append(told),
            finish,
            remaining,
            self._clock,
            Visits() if self.calculates else None,
        )


class Visits:
    """An engagement calculator: as many points as the user's number says."""

    def calculate_user_engagement_score(self, user: str, start_date: date, end_date: date) -> int:
        return int(user[-1]) + (end_date - start_date).days


def _gone(erase_: Callable[..., Any], store: Any, visitor: str, now: Instant) -> None:
    with suppress(NotFound):
        erase_(store, visitor, now)


def _comparable(report: Reports | None) -> Reports:
    """Without what says when it was written, how often, and how the experiment was defined then.

    The scores of an engagement function are left out as well, and with them the figures of all goals,
    which are corrected together: a day is scored once, in the first night that comes to it, and a
    fault may put that off. What the other figures are computed from, the tallies, is compared.
    """
    skipped = ["generated_at", "revision", "data_through", "cost", "provisional"]
    found: Reports = json.loads(json.dumps(report or {}))
    for name in ("state", "ended_at", "ended", "description"):
        found.get("experiment", {}).pop(name, None)
    for arm in found.get("tallies", []):
        arm.pop("scores", None)
    for day in found.get("daily", []):
        for arm in day["arms"].values():
            arm["goals"].pop(SCORE, None)
    if any(goal["key"] == SCORE for goal in found.get("goals", [])):
        skipped += ["goals", "phases"]
    return {key: value for key, value in found.items() if key not in skipped}
