"""The keys of tracking, as they lie in tables that exist: a change of one loses what is under it."""

import pytest

from chalicelib.domain.tracking.tracker import Bucket
from chalicelib.storage import keys

DAY = 20_522

GOLDEN = [
    (keys.definition_key("tracker", "products"), ("definitions", "tracker#products")),
    (keys.message_key("products", 3, "1763719200000#a-0"), ("lane#products#03", "1763719200000#a-0")),
    (keys.lease_key("products", 3), ("leases", "products#03")),
    (keys.seen_key("server#7"), ("seen#server#7", "seen")),
    (
        keys.counter_key("products", "product:1", "views", Bucket(None)),
        ("counts#products#total", "product:1#views"),
    ),
    (
        keys.counter_key("products", "product:1", "views", Bucket(DAY)),
        ("counts#products#2026-03-10", "product:1#views"),
    ),
    (
        keys.counter_key("products", "product:1", "views", Bucket(DAY, 7)),
        ("counts#products#2026-03-10", "product:1#views#07"),
    ),
    (keys.object_key("products", "product:1"), ("objects#products", "product:1")),
    (keys.aside_key("", "1763719200000#a-0"), ("aside#", "1763719200000#a-0")),
]


@pytest.mark.parametrize(("made", "golden"), GOLDEN)
def test_keys_stay_what_they_are(made, golden):
    assert made == golden
