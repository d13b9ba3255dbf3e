"""A document that this version cannot read: the browser keeps its events."""

import json

from tests.django_lean.steps import CONFIRM, HUMAN, TOKEN
from tests.web.client import Site


def test_a_document_of_a_later_version_answers_503_and_stays_as_it_is(site: Site) -> None:
    body = {"visitor": TOKEN, "events": [CONFIRM]}
    site.post("/e/collect", body, None, **HUMAN)
    (name,) = site.store.visitors
    text, version, expires_at = site.store.visitors[name]
    later = json.dumps({**json.loads(text), "v": 99})
    site.store.visitors[name] = later, version, expires_at
    told = {**body, "events": [{"type": "enroll", "id": "e", "experiment": "on"}]}

    assert site.post("/e/collect", told, None, **HUMAN).status == 503
    assert site.store.visitors[name][0] == later
