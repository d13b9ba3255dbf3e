"""Draws requests: valid ones, mutated ones, and those that follow from an answer."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.hostile.json_tree import encoded, mutated
from bench.hostile.request import Example, Request, headers_of
from bench.hostile.target import Answer
from bench.hostile.wire import other_body, other_headers, other_method, other_path, other_query

_VALID = 0.08
_FOLLOWED = 0.5


class Generator:
    """The same requests for the same seed and the same answers."""

    def __init__(self, seed: int, known: Mapping[str, Sequence[Example]], keys: Mapping[str, str]) -> None:
        self._chance = random.Random(seed)
        self._routes = [known[route] for route in sorted(known)]
        self._keys = keys

    def request(self) -> Request:
        """A valid request of any route, with up to four things wrong."""
        chance = self._chance
        example = chance.choice(chance.choice(self._routes))
        request = example.request(self._keys)
        if chance.random() < _VALID:
            return request
        if example.body is not None and chance.random() < 0.75:
            request = replace(request, body=self._wrong_body(example.body))
        changes: list[Callable[[Request], Request]] = [
            lambda each: other_headers(each, chance),
            lambda each: other_query(each, chance),
            lambda each: other_path(each, example, chance),
            lambda each: other_body(each, chance),
            lambda each: other_method(each, chance),
        ]
        weights = [3, 3 if example.query else 1, 4 if example.path else 0.3, 1, 0.3]
        for change in chance.choices(changes, weights, k=chance.choice([0, 1, 1, 2])):
            request = change(request)
        return request

    def following(self, request: Request, answer: Answer) -> Request | None:
        """What a client might do next with an answer: now and then, and with something wrong."""
        if answer.status >= 300 or not answer.body.startswith(b"{") or self._chance.random() > _FOLLOWED:
            return None
        said = json.loads(answer.body)
        method, _, template = request.route.partition(" ")
        if method == "GET" and template in ("/admin/experiments/{name}", "/admin/trackers/{tracker}"):
            return self._patch(request.path, said.get("tracker", said))
        if template == "/admin/experiments/{name}/enable":
            path = request.path.rstrip("/").removesuffix("/enable")
            return self._patch(path, {"weights": [1, 2], "coverage": 0.3, "description": ""})
        if template == "/admin/set-aside" and said.get("rows"):
            body = {"ids": [row["id"] for row in said["rows"]], "any_age": True}
            return self._post("/admin/set-aside/replay", self._perhaps_mutated(body))
        if template == "/admin/trackers/{tracker}/objects" and said.get("declared"):
            name = request.path.split("/")[3]
            thing = self._chance.choice(said["declared"])["object"]
            example = Example("GET /e/go/{tracker}/{object}", {"tracker": name, "object": thing})
            return example.request(self._keys)
        if template in ("/admin/experiments", "/admin/goals", "/admin/trackers") and "name" in said:
            return self._patch(f"{template}/{said['name']}", said)
        return None

    def _patch(self, path: str, record: dict[str, Any]) -> Request:
        """One field of a record, or two, as they came or another."""
        names = self._chance.sample(sorted(record), min(len(record), self._chance.choice([1, 1, 2])))
        body = self._perhaps_mutated({name: record[name] for name in names})
        template = "/".join(path.split("/")[:3])
        parameter = "{tracker}" if template == "/admin/trackers" else "{name}"
        headers = headers_of(self._keys["admin"], has_body=True)
        return Request(f"PATCH {template}/{parameter}", "PATCH", path, "", headers, encoded(body).encode())

    def _post(self, path: str, body: Any) -> Request:
        headers = headers_of(self._keys["admin"], has_body=True)
        return Request(f"POST {path}", "POST", path, "", headers, encoded(body).encode())

    def _perhaps_mutated(self, body: Any) -> Any:
        return mutated(body, self._chance) if self._chance.random() < 0.5 else body

    def _wrong_body(self, body: Any) -> bytes:
        for _ in range(self._chance.choice([1, 1, 1, 2])):
            body = mutated(body, self._chance)
        return encoded(body).encode()
