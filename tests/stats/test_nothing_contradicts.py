"""Five thousand random experiments: no figure of a report contradicts another one."""

import json

import numpy as np
import pytest
from hypothesis import settings

from chalicelib.stats.analysis import analyse
from tests.laws import FAST
from tests.stats.random_worlds import world

CHUNKS, EACH = 20, 250


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_nothing_contradicts(seed):
    if seed > 1 and settings.get_current_profile_name() == FAST:
        pytest.skip("two of the twenty are enough for a quick look")
    rng = np.random.default_rng(seed)
    worlds = [world(rng) for _ in range(EACH)]

    for request, answer in zip(worlds, analyse(worlds), strict=True):
        assert "error" not in answer, answer
        json.dumps(answer, allow_nan=False)
        blocked = answer["srm"]["verdict"] in ("mismatch", "impossible_assignment")
        for goal, asked in zip(answer["goals"], request["goals"], strict=True):
            for row in goal["comparisons"]:
                _check(row, request, asked, blocked)


def _check(row, request, asked, blocked):
    sequential, fixed, adjusted = row["sequential"], row["fixed_horizon"], row["adjusted"]
    one_look = len(asked["arms"].arms[0].n) == 1 and not request.get("phases")
    if one_look and fixed["p_value"] is not None and sequential["p_value"] is not None:
        assert sequential["p_value"] >= fixed["p_value"] * (1 - 1e-9)
        assert sequential["log10_p"] >= (fixed["log10_p"] or -1e9) - 1e-9
    _check_adjusted(fixed["p_value"], adjusted["holm_p"])
    _check_adjusted(fixed["p_value"], adjusted["bh_q"])
    _check_adjusted(sequential["p_value"], adjusted["sequential_holm_p"])
    _check_interval(sequential, asked)
    _check_signs(row)
    _check_verdict(row, request, blocked)


def _check_adjusted(p, adjusted):
    assert p is None or adjusted is None or adjusted >= p * (1 - 1e-9)


def _check_interval(sequential, asked):
    low, high, z, limit = (sequential[name] for name in ("ci_low", "ci_high", "z", "z_boundary"))
    if asked["difference"] == "relative":
        low, high = sequential["lift_ci_low"], sequential["lift_ci_high"]
    if low is not None and high is not None and z is not None and abs(abs(z) - limit) > 1e-9 * limit:
        assert (low > 0 or high < 0) == (abs(z) >= limit)
    lift = sequential["lift_ci_low"], sequential["lift_ci_high"]
    if None not in lift and z is not None and abs(abs(z) - limit) > 1e-9 * limit:
        assert (lift[0] > 0 or lift[1] < 0) == (abs(z) >= limit)
        assert lift[0] <= lift[1]


def _check_signs(row):
    absolute, relative = row["difference"]["estimate"], row["lift"]["estimate"]
    if absolute is not None and relative is not None:
        assert np.sign(absolute) == np.sign(relative)
    expected = row["expected_lift"]["estimate"]
    if expected is not None and absolute is not None and row["combined"] is None:
        assert expected == 0 or np.sign(expected) == np.sign(absolute)


def _check_verdict(row, request, blocked):
    verdict, sequential = row["verdict"], row["sequential"]
    assert (verdict == "blocked_by_srm") == blocked
    assert row["sentence"]
    if verdict not in ("winner", "loser"):
        return
    assert sequential["significant"]
    assert row["adjusted"]["sequential_holm_p"] <= request["alpha"] * (1 + 1e-9)
    ends = [
        (row["difference"]["ci_low"], row["difference"]["ci_high"]),
        (row["lift"]["ci_low"], row["lift"]["ci_high"]),
        (sequential["ci_low"], sequential["ci_high"]),
        (sequential["today_ci_low"], sequential["today_ci_high"]),
    ]
    sides = {1 for low, _ in ends if low is not None and low > 0}
    sides |= {-1 for _, high in ends if high is not None and high < 0}
    assert len(sides) <= 1
