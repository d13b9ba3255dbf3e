"""Runs in gbstats' own environment: experiments as JSON on stdin, CPU seconds per engine choice on stdout."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from gbstats.gbstats import process_experiment_results


def main() -> None:
    experiments = json.load(sys.stdin)
    process_experiment_results(_data(experiments[0], ["frequentist"]))
    seconds = {
        "frequentist": _timed(experiments, ["frequentist"]),
        "frequentist and bayesian": _timed(experiments, ["frequentist", "bayesian"]),
    }
    peak = _peak_mb()
    print(json.dumps({"seconds": seconds, "experiments": len(experiments), "peak_mb": peak}))


def _peak_mb() -> float:
    # Not getrusage: a child process inherits its parent's peak there.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _timed(experiments: list[Any], engines: list[str]) -> float:
    started = time.process_time()
    written = 0
    for experiment in experiments:
        written += len(json.dumps(process_experiment_results(_data(experiment, engines)), default=str))
    if not written:
        raise SystemExit("gbstats wrote nothing")
    return time.process_time() - started


def _data(experiment: dict[str, Any], engines: list[str]) -> dict[str, Any]:
    goals = experiment["goals"]
    names = [arm["key"] for arm in goals[0]["arms"]]
    return {
        "metrics": {goal["key"]: _metric(goal) for goal in goals},
        "analyses": [_analysis(names, engine) for engine in engines],
        "query_results": [_result(goal, names) for goal in goals],
    }


def _metric(goal: dict[str, Any]) -> dict[str, Any]:
    kind = "binomial" if goal["type"] == "conversion" else "count"
    return {"id": goal["key"], "name": goal["key"], "statistic_type": "mean", "main_metric_type": kind}


def _analysis(names: list[str], engine: str) -> dict[str, Any]:
    return {
        "var_names": names,
        "var_ids": names,
        "weights": [1 / len(names)] * len(names),
        "stats_engine": engine,
        "sequential_testing_enabled": engine == "frequentist",
    }


def _result(goal: dict[str, Any], names: list[str]) -> dict[str, Any]:
    rows = []
    for arm in goal["arms"]:
        total = arm.get("conversions", arm.get("sum"))
        rows.append(
            {
                "dimension": "",
                "variation": arm["key"],
                "users": arm["n"],
                "count": arm["n"],
                "m0_main_sum": total,
                "m0_main_sum_squares": arm.get("sum_squares", total),
            }
        )
    return {"rows": rows, "metrics": [goal["key"]]}


if __name__ == "__main__":
    main()
