"""What visitors, servers, operators and nights do in the tests of django-lean's rules."""

import json
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from chalicelib import config, wiring
from chalicelib.domain.instant import MINUTE, SECOND, day_of, iso_day, parse_day, start_of
from chalicelib.web.http.token import sign
from chalicelib.web.jobs import report
from tests.recounts import counts
from tests.web.client import ADMIN, TOKENS, Answer, Site

HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}
TOKEN = sign("visitor-00000001", [TOKENS])
CONFIRM = {"type": "confirm", "id": "c"}
_MOST = 500
_NIGHT = json.loads((Path(__file__).parents[1] / "data" / "events" / "schedule.json").read_text())
_number = count()


def enroll(name: str = "on") -> dict[str, object]:
    return {"type": "enroll", "id": f"e-{name}", "experiment": name}


def goal(name: str, number: int = 1) -> dict[str, object]:
    return {"type": "goal", "id": f"g-{name}-{number}", "goal": name}


def see(site: Site, *events: dict[str, object], token: str = TOKEN) -> Answer:
    """A page in a browser, a second later."""
    site.now += SECOND
    return site.post("/e/collect", {"visitor": token, "events": list(events)}, None, **HUMAN)


def shown(site: Site, name: str, token: str = TOKEN) -> Any:
    """What a browser is told, which enrols nobody."""
    path = f"/e/assign?experiments={name}&visitor={token}"
    return site.send("GET", path, **HUMAN).body["assignments"][name]


def assignment(site: Site, name: str, who: str = "1", enrolls: bool = True) -> Any:
    """What a server is told of a user, who enrols by it."""
    body = {"user_id": who, "experiments": [name], "enroll": enrolls}
    return site.post("/v1/assign", body).body["assignments"][name]


def user_of(site: Site, variation: str, name: str = "on") -> str:
    """A user enrolled in a variation."""
    return people(site, name, **{variation: 1})[variation][0]


def people(site: Site, name: str = "on", **wanted: int) -> dict[str, list[str]]:
    """New users enrolled in an experiment, so many of each variation."""
    found: dict[str, list[str]] = {variation: [] for variation in wanted}
    while any(len(users) < wanted[variation] for variation, users in found.items()):
        users = [f"user-{next(_number)}" for _ in range(_MOST)]
        asked = [{"user_id": user, "experiments": [name], "enroll": False} for user in users]
        for user, answer in zip(users, site.post("/v1/assign", asked).body["results"], strict=True):
            variation = answer["assignments"][name]["variation"]
            if len(found.get(variation, ())) < wanted.get(variation, 0):
                found[variation].append(user)
    told = [{"user_id": user, "experiments": [name]} for users in found.values() for user in users]
    _post(site, "/v1/assign", told)
    return found


def reach(site: Site, users: Iterable[str], name: str, **fields: object) -> None:
    """A goal of users, told by the server."""
    _post(site, "/v1/goals", [{"user_id": user, "goal": name, **fields} for user in users])


def _post(site: Site, path: str, told: list[dict[str, Any]]) -> None:
    for first in range(0, len(told), _MOST):
        results = site.post(path, told[first : first + _MOST]).body["results"]
        assert {result["status"] for result in results} == {200}


def operate(site: Site, method: str, path: str, body: object = None) -> Answer:
    """An operator's call."""
    return site.send(method, path, body, ADMIN)


def flip(site: Site, name: str, verb: str) -> None:
    """Enable, disable or promote, a second later."""
    site.now += SECOND
    body = {"variation": "test"} if verb == "promote" else {}
    assert operate(site, "POST", f"/admin/experiments/{name}/{verb}", body).status == 200


def enrolled(site: Site, name: str = "on") -> dict[str, int]:
    """The participants by variation, as a recount finds them."""
    return counts(site.store, name, site.now).enrolled


def converted(site: Site, name: str = "on") -> dict[str, int]:
    """By goal the conversions of all variations, as a recount finds them."""
    found: dict[str, int] = {}
    for (_, key), row in counts(site.store, name, site.now).goals.items():
        found[key] = found.get(key, 0) + row[0]
    return found


class Context:
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def run_job(site: Site) -> Any:
    """The nightly job, now."""
    return report({**_NIGHT, "id": f"night-{next(_number)}"}, Context())


def night(site: Site, days: int = 1) -> Any:
    """Half past midnight, so many days on; the job that ran."""
    site.now = start_of(day_of(site.now) + days) + 30 * MINUTE
    return run_job(site)


def written(site: Site, name: str = "on") -> list[str]:
    """The days that have a report."""
    return list(operate(site, "GET", f"/admin/reports/{name}").body["days"])


def report_of(site: Site, name: str = "on", day: str = "latest") -> Any:
    """A report as the operator reads it."""
    answer = operate(site, "GET", f"/admin/reports/{name}/{day}")
    assert answer.status == 200
    return answer.body


def row(found: Any, key: str) -> Any:
    """A goal's row of a report."""
    return next(each for each in found["goals"] if each["key"] == key)


def arms(found: Any, key: str) -> dict[str, Any]:
    """A goal's arms of a report by variation."""
    return {arm["key"]: arm for arm in row(found, key)["arms"]}


def comparison(found: Any, key: str) -> Any:
    """Test against control on a goal."""
    return row(found, key)["comparisons"][0]


def setting(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Another setting, as after a deploy."""
    monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    wiring.calculator.cache_clear()


def dates(first: str, days: int) -> Iterator[str]:
    """So many ISO days from the first on."""
    return (iso_day(parse_day(first) + each) for each in range(days))
