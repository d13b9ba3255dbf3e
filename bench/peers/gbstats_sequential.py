"""Runs in gbstats' own environment: experiments with daily tallies as JSON on stdin; on stdout whether its
sequential test ever called each significant."""

import json
import sys
from typing import Any

from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import ProportionStatistic, RatioStatistic, SampleMeanStatistic

CONFIG = SequentialConfig(difference_type="absolute", sequential_tuning_parameter=5000)


def main() -> None:
    print(json.dumps([any(_ever(goal) for goal in goals) for goals in json.load(sys.stdin)]))


def _ever(goal: dict[str, Any]) -> bool:
    arms = range(1, len(goal["n"]))
    return any(_significant(goal, arm, day) for arm in arms for day in range(len(goal["n"][0])))


def _significant(goal: dict[str, Any], arm: int, day: int) -> bool:
    one, two = (_statistic(goal, k, day) for k in (0, arm))
    low, high = SequentialTwoSidedTTest(one, two, CONFIG).compute_result().ci
    return low > 0 or high < 0


def _statistic(goal: dict[str, Any], arm: int, day: int) -> Any:
    n, scale = goal["n"][arm][day], goal["scale"]
    sums = [column[arm][day] for column in goal["sums"]]
    if goal["type"] == "conversion":
        return ProportionStatistic(n=n, sum=sums[0])
    if goal["type"] == "engagement":
        return SampleMeanStatistic(n=n, sum=sums[0] / scale, sum_squares=sums[1] / scale**2)
    return RatioStatistic(
        n=n,
        m_statistic=SampleMeanStatistic(n=n, sum=sums[0], sum_squares=sums[1]),
        d_statistic=SampleMeanStatistic(n=n, sum=sums[2], sum_squares=sums[3]),
        m_d_sum_of_products=sums[4],
    )


if __name__ == "__main__":
    main()
