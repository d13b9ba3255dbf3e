"""Whatever fails on the way: the reports are those of days without a fault, and nothing counts twice."""

import inspect

import pytest

from chalicelib.services import store, tracking_store
from tests.faults.faulty import KINDS
from tests.faults.worlds import SEEDS_A_WORLD, in_memory, tried, tried_once, without_faults

SEEDS = 200
WORLDS = (0, 3, 5)
"""One of them with an engagement calculator, one with three segments."""

BY_OPERATORS = {"save_goal", "save_tracker", "save_tracked", "load_report", "counts_at", "forget_running"}
BY_OPERATORS |= {"remove_definition", "archive_unreadable"}
"""Called when the shop opens, or by somebody who only reads."""

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]


@pytest.mark.parametrize("world", range(SEEDS // SEEDS_A_WORLD))
def test_drawn_faults_leave_the_reports_as_they_are(world):
    found = {}
    for seed in range(world * SEEDS_A_WORLD, (world + 1) * SEEDS_A_WORLD):
        outcome = tried(seed)
        if outcome.differences:
            found[seed] = outcome

    assert found == {}


CALLED = sorted({name for world in WORLDS for name in without_faults(world)[1]})


@pytest.mark.parametrize("name", CALLED)
def test_each_operation_fails_once_in_each_way(name):
    world = next(world for world in WORLDS if name in without_faults(world)[1])
    kinds = KINDS[:3] if in_memory(world).calculates else KINDS
    found = {kind: tried_once(world, name, kind) for kind in kinds}

    assert all(each.happened for each in found.values())
    assert {kind: each.differences for kind, each in found.items() if each.differences} == {}


def test_every_operation_of_a_store_is_among_them():
    offered = {
        name
        for module in (store, tracking_store)
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and getattr(kind, "_is_protocol", False)
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and not name.startswith("_")
    }

    assert offered - set(CALLED) - BY_OPERATORS == set()
