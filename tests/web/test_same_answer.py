"""The same visitor gets the same variation from the hash, from /e/assign and from the server API.

The snippet is held to the same hash, over the same ids, in tests/browser/test_buckets.py.
"""

import pytest

from chalicelib.domain.visitors.assignment import assign
from tests.web.client import Site

VISITORS = 10_000
BATCH = 500


@pytest.mark.slow
def test_ten_thousand_visitors_get_one_answer_each(site: Site) -> None:
    site.load(
        {
            "name": "colour",
            "state": "enabled",
            "coverage": 0.9,
            "variations": ["a", "b", "c"],
            "weights": [5, 3, 2],
        }
    )
    experiment = site.store.definitions().experiments["colour"]
    ids = [f"visitor-{number}" for number in range(VISITORS)]
    expected = [assign(experiment, each, site.now).variation for each in ids]
    by_route = [
        site.send("GET", f"/e/assign?experiments=colour&visitor={each}").body["assignments"]["colour"][
            "variation"
        ]
        for each in ids
    ]
    by_server = []
    for first in range(0, VISITORS, BATCH):
        items = [
            {"visitor": each, "experiments": ["colour"], "enroll": False}
            for each in ids[first : first + BATCH]
        ]
        answered = site.post("/v1/assign", items).body
        by_server += [result["assignments"]["colour"]["variation"] for result in answered["results"]]

    assert by_route == expected
    assert by_server == expected
