"""`demo --story people`: one person on two devices, from the first page to the report."""

import json
import secrets
import time
from typing import Any

from rich.console import Console

from infra.demo.traffic import Line
from infra.demo.visits import BROWSERS

Body = dict[str, Any]


def tell(console: Console, url: str, server_key: str, experiment: str) -> Body:
    """A visitor sees two pages, signs up, buys, and comes back on another device; what was sent."""
    shop, phone = Server(url, server_key), _Device(url, experiment, BROWSERS[3])
    variation = phone.open("a page")
    phone.open("another page")
    console.print(f"    a phone opens two pages and sees {variation}; nobody knows whose it is")
    user = f"customer-{secrets.token_hex(3)}"
    signed_up = shop.post("/v1/identify", {"visitor": phone.token, "user_id": user})
    shop.post("/v1/goals", {"user_id": user, "goal": "signup", "id": f"signup {user}"})
    console.print(f"    it signs up as {user}: {signed_up['outcome']}")
    order = {"user_id": user, "goal": "buy", "value": "49.90", "id": f"order {user}"}
    shop.post("/v1/engagement", order)
    shop.post("/v1/engagement", order)
    console.print("    and buys for 49.90; the shop's server tells it twice")
    return {"user": user, "variation": variation, **_second_device(console, url, shop, user, experiment)}


def _second_device(console: Console, url: str, shop: "Server", user: str, experiment: str) -> Body:
    laptop = _Device(url, experiment, BROWSERS[0])
    laptop.confirm()
    console.print("    a laptop comes, unknown, and looks at a page without the experiment")
    joined = shop.post("/v1/identify", {"visitor": laptop.token, "user_id": user})
    laptop.token = joined["visitor"]
    again = laptop.open("a page")
    console.print(f"    it logs in as {user}: {joined['outcome']}; the page shows {again}")
    return {"again": again, "outcome": joined["outcome"]}


def check(report: Body, told: Body) -> list[str]:
    """A line for each number of the report that is not the story's."""
    participants = sum(arm["n"] for arm in report["goals"][0]["arms"])
    found = {
        "participants": (participants, 1),
        "variation on the second device": (told["again"], told["variation"]),
        "conflicts": (report["exclusions"]["conflicts"], 0),
    }
    for goal in (each for each in report["goals"] if each.get("source") != "function"):
        reached = sum(arm["conversions"] or 0 for arm in goal["arms"])
        found[f"conversions of {goal['key']}"] = (reached, 1)
    return [
        f"{word}: {got} in the report, {meant} told" for word, (got, meant) in found.items() if got != meant
    ]


class _Device:
    """A browser with its cookie; the waits are a person's, a few milliseconds long."""

    def __init__(self, url: str, experiment: str, agent: str) -> None:
        self._line, self._experiment = Line(url), experiment
        self._headers = {"User-Agent": agent, "Accept": "*/*"}
        self.token = secrets.token_urlsafe(16)

    def open(self, page: str) -> str:
        """What the page shows."""
        asked = f"/e/assign?experiments={self._experiment}&visitor={self.token}"
        shown = json.loads(self._line.send("GET", asked, self._headers))
        self.token = shown["visitor"]
        seen = shown["assignments"][self._experiment]
        self._collect(
            {"type": "confirm", "id": secrets.token_hex(8)},
            {
                "type": "enroll",
                "id": secrets.token_hex(8),
                "experiment": self._experiment,
                "variation": seen["variation"],
                "phase": seen["phase"],
            },
        )
        return str(seen["variation"])

    def confirm(self) -> None:
        """The script ran on a page without experiments."""
        self._collect({"type": "confirm", "id": secrets.token_hex(8)})

    def _collect(self, *events: Body) -> None:
        told = {"visitor": self.token, "events": list(events)}
        posted = {**self._headers, "Content-Type": "text/plain"}
        _, headers = self._line.exchange("POST", "/e/collect", posted, json.dumps(told).encode())
        self.token = headers.get("X-Leansplit-Visitor", self.token)
        time.sleep(0.02)


class Server:
    """The shop's own server, with its key."""

    def __init__(self, url: str, key: str) -> None:
        self._line = Line(url)
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}

    def post(self, path: str, body: Body | list[Body]) -> Body:
        """The answer; one of 300 and above is an error."""
        headers = {**self._headers, "Content-Type": "application/json"}
        found: Body = json.loads(self._line.send("POST", path, headers, json.dumps(body).encode()))
        return found
