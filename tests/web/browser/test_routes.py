"""What browsers call, through the application as API Gateway calls it."""

import base64
import json
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.domain.errors import Conflict
from chalicelib.domain.instant import HOUR, day_of
from chalicelib.domain.tracking.tracker import EXCLUDED, REFUSED, UNKNOWN_GOALS
from chalicelib.domain.values import VALUE_SCALE
from chalicelib.services.tracking.fold import fold_until
from chalicelib.web.http.token import sign
from tests.web.client import NOW, SERVER, TOKENS

EVENTS = Path(__file__).parents[2] / "data" / "events"
HUMAN = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
ME = "visitor-one-of-many"
SEEN = [{"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "headline", "phase": 1}]


@pytest.fixture
def shop(site):
    site.now = NOW - HOUR
    site.load({"name": "headline", "state": "enabled", "goals": ["buy"]}, {"name": "off"})
    site.now = NOW
    return site


def collect(site, events, agent=HUMAN, visitor=ME, **headers):
    body = json.dumps({"visitor": visitor, "events": events}).encode()
    sent = {"Content-Type": "text/plain;charset=UTF-8", "User-Agent": agent, **headers}
    return site.send("POST", "/e/collect", body, **sent)


def counted(site, tracker):
    fold_until(site.store, [tracker], lambda: site.now, "test", site.now)
    today = day_of(site.now)
    found = site.store.counts_between(tracker, today, today, site.now)
    return {(each.object, each.field): each.amount // VALUE_SCALE for each in found}


def excluded(site, experiment="headline"):
    found = counted(site, EXCLUDED).items()
    return {reason: number for (name, reason), number in found if name == f"experiment:{experiment}"}


def document(site, visitor=ME):
    return site.store.load_visitor(visitor, site.now)[0]


def test_assignment_of_named_experiments(shop):
    answer = shop.send("GET", "/e/assign?experiments=headline,off,nothing")
    found = answer.body["assignments"]

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert found["headline"]["in_experiment"] is True
    assert (found["off"]["variation"], found["off"]["reason"]) == ("control", "disabled")
    assert (found["nothing"]["variation"], found["nothing"]["reason"]) == ("control", "unknown")
    assert shop.store.visitors == {}


def test_assignment_of_all_enabled_experiments(shop):
    assert set(shop.send("GET", "/e/assign").body["assignments"]) == {"headline"}


def test_the_token_of_an_assignment_names_the_same_visitor_again(shop):
    first = shop.send("GET", "/e/assign")
    again = shop.send("GET", "/e/assign", Cookie=f"__Host-leansplit={first.body['visitor']}")

    assert again.body == first.body


def test_too_many_names_are_refused_with_the_field(shop):
    answer = shop.send("GET", "/e/assign?experiments=" + ",".join(f"x{number}" for number in range(101)))

    assert (answer.status, answer.body["field"]) == (400, "experiments")


def test_a_batch_is_204_with_the_visitor_s_token(shop):
    answer = collect(shop, SEEN)

    assert (answer.status, answer.body) == (204, None)
    assert answer.headers["X-Leansplit-Visitor"] == sign(ME, [TOKENS])
    assert sign(ME, [TOKENS]) in answer.headers["Set-Cookie"]
    assert "headline" in document(shop).enrollments


def test_ages_are_told_from_our_clock_and_the_order_breaks_ties(shop):
    events = [{**each, "age": 1500} for each in SEEN]
    collect(shop, [*events, {"type": "goal", "id": "g", "goal": "buy", "age": 1500}])
    visitor = document(shop)

    assert visitor.human.at == NOW - 1500
    assert visitor.human.at < visitor.enrollments["headline"].enrolled_at < visitor.facts[0].at


def test_a_bad_event_loses_no_other(shop):
    answer = collect(shop, [{"type": "goal", "id": 3}, *SEEN, {"type": "confirm", "id": "c", "age": -1}, 7])

    assert answer.status == 204
    assert "headline" in document(shop).enrollments


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b'{"events": 3}', b'{"events": [' + b"0," * 50 + b"0]}"]
)
def test_what_is_no_batch_is_204_all_the_same(shop, body):
    answer = shop.send("POST", "/e/collect", body, **{"Content-Type": "text/plain", "User-Agent": HUMAN})

    assert answer.status == 204
    assert shop.store.visitors == {}


def test_a_batch_over_16_kb_is_not_read(shop):
    collect(shop, [*SEEN, {"type": "goal", "id": "g", "goal": "buy", "note": "x" * 16_384}])

    assert shop.store.visitors == {}


def test_events_that_could_not_be_written_are_not_acknowledged(shop, monkeypatch):
    def conflicts(*_):
        raise Conflict("always")

    monkeypatch.setattr(shop.store, "save_visitor", conflicts)
    monkeypatch.setattr(shop.store, "save_visitors", conflicts)

    assert collect(shop, SEEN).status == 503


@pytest.mark.parametrize(("agent", "reason"), [(BOT, "bot"), ("", "no_user_agent")])
def test_bots_are_counted_by_reason_and_leave_no_document(shop, agent, reason):
    answer = collect(shop, SEEN, agent=agent)

    assert answer.status == 204
    assert "Set-Cookie" not in answer.headers
    assert shop.store.visitors == {}
    assert excluded(shop) == {reason: 1}


def test_a_prefetch_counts_as_none(shop):
    collect(shop, SEEN, **{"Sec-Purpose": "prefetch"})

    assert excluded(shop) == {"prefetch": 1}


def test_refused_events_and_unknown_goals_are_counted(shop):
    goals = [
        {"type": "goal", "id": f"g{n}", "goal": name} for n, name in enumerate(["signpu", "signpu", "buy"])
    ]
    collect(
        shop, [*SEEN, *goals, {"type": "enroll", "id": "x", "experiment": "off"}, {"type": "?", "id": "y"}]
    )
    shop.send("GET", "/e/goal/bye", Cookie=f"__Host-leansplit={sign(ME, [TOKENS])}", **{"User-Agent": HUMAN})

    assert counted(shop, UNKNOWN_GOALS) == {("goal:signpu", "times"): 2, ("goal:bye", "times"): 1}
    reasons = {"unknown_goal": 3, "not_enabled": 1, "bad_event": 1}
    assert counted(shop, REFUSED) == {("event:*", reason): number for reason, number in reasons.items()}


def test_what_cannot_be_counted_breaks_no_page(shop, monkeypatch):
    def down(*args):
        raise OSError("the table is away")

    monkeypatch.setattr(shop.store, "append", down)

    assert collect(shop, SEEN, agent=BOT).status == 204
    assert collect(shop, [{"type": "goal", "id": "g", "goal": "signpu"}]).status == 204


def test_server_callers_are_never_filtered(shop):
    collect(shop, SEEN, agent=BOT, **{"X-API-Key": SERVER})

    assert "headline" in document(shop).enrollments


def test_an_id_that_was_signed_once_is_worth_nothing_unsigned(shop):
    token = collect(shop, SEEN).headers["X-Leansplit-Visitor"]
    collect(shop, [{"type": "goal", "id": "g", "goal": "buy"}], visitor=token)
    answer = collect(shop, [{"type": "goal", "id": "h", "goal": "buy"}])

    assert len(document(shop).facts) == 1
    assert answer.headers["X-Leansplit-Visitor"] != token


class TestPixel:
    def hit(self, site, path, **headers):
        response = site._http.get(path, headers={"User-Agent": HUMAN, **headers})
        return response.status_code, response.headers["Content-Type"], response.body

    def is_pixel(self, hit):
        return hit == (200, "image/gif", PIXEL)

    @pytest.mark.parametrize(
        "accept", [None, "*/*", "image/*", "image/jxl,image/avif,*/*;q=0.8", "text/html"]
    )
    def test_the_same_43_bytes_for_every_accept(self, shop, accept):
        assert self.is_pixel(self.hit(shop, "/e/goal/buy", **({} if accept is None else {"Accept": accept})))

    @pytest.mark.parametrize(
        "path", ["/e/goal", "/e/goal/nothing", "/e/goal/any", "/e/goal/b%20d", "/e/goal/buy?value=x"]
    )
    def test_200_whatever_is_asked(self, shop, path):
        assert self.is_pixel(self.hit(shop, path, Cookie=f"__Host-leansplit={sign(ME, [TOKENS])}"))
        assert not document(shop).facts

    def test_200_even_when_the_store_is_down(self, shop, monkeypatch):
        monkeypatch.setattr(wiring, "store", None)

        assert self.is_pixel(self.hit(shop, "/e/goal/buy"))

    def test_a_goal_of_a_known_visitor_counts(self, shop):
        token = collect(shop, SEEN).headers["X-Leansplit-Visitor"]
        self.hit(shop, "/e/goal/buy?value=2.5", Cookie=f"__Host-leansplit={token}")

        assert [(fact.goal, fact.value) for fact in document(shop).facts] == [("buy", 25_000)]

    def test_without_a_visitor_nothing_is_recorded(self, shop):
        self.hit(shop, "/e/goal/buy")

        assert shop.store.visitors == {}

    def test_bots_are_not_counted(self, shop):
        token = collect(shop, SEEN).headers["X-Leansplit-Visitor"]
        self.hit(shop, "/e/goal/buy", Cookie=f"__Host-leansplit={token}", **{"User-Agent": BOT})

        assert not document(shop).facts


def call(name):
    import app

    return app.app(json.loads((EVENTS / name).read_text()), None)


def test_events_as_aws_delivers_them(shop):
    assigned = json.loads(call("assign.json")["body"])["assignments"]
    collected, pixel = call("collect.json"), call("goal.json")
    visitor = document(shop, "3q2-7wABAgMEBQYHCAkKCw")

    assert assigned["nothing"]["variation"] == "control"
    assert collected["statusCode"] == 204
    assert visitor.enrollments["headline"].enrolled_at > visitor.human.at
    assert visitor.facts[0].value == 99_900
    assert (pixel["isBase64Encoded"], base64.b64decode(pixel["body"])) == (True, PIXEL)
