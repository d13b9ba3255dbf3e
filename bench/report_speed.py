"""1,000 experiments × 10 goals × 3 arms: leansplit beside gbstats 0.8.0 and scipy.stats, in one run.

gbstats runs in its own environment, which this script makes under build/. gbstats and scipy.stats run on a
sample, and their seconds are extrapolated. End to end means counts in, JSON written. Run from the root of the
project: `python -m bench.report_speed`.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PEER = ROOT / "bench" / "peers" / "gbstats_report.py"
HOME = ROOT / "build" / "gbstats"
GOALS, ARMS = 10, 3

Experiment = dict[str, Any]


def main() -> None:
    args = _arguments()
    experiments = draw(args.experiments, random.Random(args.seed))
    rows = [_growth(experiments[: len(experiments) // 4]), _growth(experiments)]
    ours = rows[-1]
    print(f"{len(experiments):,} experiments × {GOALS} goals × {ARMS} arms, one process\n")
    for row in rows:
        print(_ours(row))
    print(f"leansplit, memory at its peak: {_peak_mb():,.0f} MB\n")
    _series(experiments)
    _recursion()
    _scipy(experiments[: args.sample], len(experiments), ours["analyse"])
    _gbstats(experiments[: args.sample], len(experiments), ours["analyse"] + ours["write"])
    _arithmetic(experiments)


def draw(experiments: int, rng: random.Random) -> list[Experiment]:
    """Requests with plausible tallies: every second goal a mean."""
    return [{"goals": [_goal(index, rng) for index in range(GOALS)]} for _ in range(experiments)]


def _goal(index: int, rng: random.Random) -> Experiment:
    kind = "engagement" if index % 2 else "conversion"
    return {"key": f"g{index}", "type": kind, "arms": [_arm(f"a{arm}", kind, rng) for arm in range(ARMS)]}


def _arm(key: str, kind: str, rng: random.Random) -> Experiment:
    n = rng.randint(5_000, 20_000)
    if kind == "conversion":
        return {"key": key, "n": n, "conversions": rng.randint(n // 20, n // 10)}
    total = rng.randint(10 * n, 12 * n)
    return {"key": key, "n": n, "sum": total, "sum_squares": total * total // n + n * rng.randint(50, 90)}


def _growth(experiments: list[Experiment]) -> dict[str, float]:
    from chalicelib.stats.analysis import analyse
    from chalicelib.storage.encoding import json_bytes

    json_bytes(analyse(experiments[:1]))
    found: list[Any] = []
    seconds = _timed(lambda: found.append(analyse(experiments)))
    text: list[bytes] = []
    write = _timed(lambda: text.append(json_bytes(found[0])))
    return {"experiments": len(experiments), "analyse": seconds, "write": write, "mb": len(text[0]) / 1e6}


def _series(experiments: list[Experiment]) -> None:
    """Typed tallies, as the report path hands them over: one day, and the same with all days before it."""
    from chalicelib.stats.analysis import analyse

    for plan in ({}, {"planned_visitors": 60_000}):
        for days in (1, 30, 60):
            typed = [
                {"goals": [_typed(g, days, bool(plan)) for g in e["goals"]], **plan} for e in experiments
            ]
            seconds = _timed(lambda: analyse(typed))  # noqa: B023 timed at once
            print(f"leansplit, typed tallies, {days} days, {'a' if plan else 'no'} plan: {seconds:.2f} s")


def _typed(goal: Experiment, days: int, window: bool) -> Experiment:
    from chalicelib.domain.counting.goal_series import ArmSeries, GoalSeries

    arms = []
    for arm in goal["arms"]:
        names = ["conversions"] if goal["type"] == "conversion" else ["sum", "sum_squares"]
        columns = [[arm[name] * (day + 1) // days for day in range(days)] for name in names]
        n = [arm["n"] * (day + 1) // days for day in range(days)]
        nonzero = columns[0] if goal["type"] == "conversion" else n
        arms.append(ArmSeries(arm["key"], n, tuple(columns), nonzero))
    rules = {"window_days": 7} if window else {}
    return {"key": goal["key"], "type": goal["type"], "arms": GoalSeries(tuple(arms)), **rules}


def _recursion() -> None:
    """Lan–DeMets without the table: one comparison's looks at one level."""
    from chalicelib.stats.sequential.lan_demets import boundaries

    for looks in (30, 60, 365):
        times = [(k + 1) / looks for k in range(looks)]
        seconds = _timed(lambda: boundaries(0.0123, times))  # noqa: B023 timed at once
        print(f"leansplit, recursion of {looks} looks: {1e3 * seconds:.1f} ms")
    print()


def _ours(row: dict[str, float]) -> str:
    total = row["analyse"] + row["write"]
    each = 1e3 * total / row["experiments"]
    return (
        f"leansplit, {row['experiments']:,.0f} experiments: {row['analyse']:.2f} s analysis + "
        f"{row['write']:.2f} s JSON ({row['mb']:.0f} MB) = {total:.2f} s, {each:.2f} ms an experiment"
    )


def _gbstats(sample: list[Experiment], experiments: int, ours: float) -> None:
    answer = subprocess.run(
        [str(_environment()), "-W", "ignore", str(PEER)],
        input=json.dumps(sample),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(answer.stdout)
    for engines, seconds in found["seconds"].items():
        whole = seconds / len(sample) * experiments
        print(
            f"gbstats 0.8.0, {engines}: {seconds:.2f} s for {len(sample)} experiments, extrapolated "
            f"{whole:,.0f} s = {whole / ours:,.0f} × leansplit, JSON written by both"
        )
    print(f"gbstats, memory at its peak (the sample): {found['peak_mb']:,.0f} MB")


def _scipy(sample: list[Experiment], experiments: int, ours: float) -> None:
    """One call of scipy.stats per comparison: the p-value and no more."""
    from scipy import stats

    def run() -> None:
        for experiment in sample:
            for goal in experiment["goals"]:
                for arm in goal["arms"][1:]:
                    _scipy_call(stats, goal["type"], goal["arms"][0], arm)

    whole = _timed(run) / len(sample) * experiments
    print(
        f"scipy.stats, a call per comparison, p-values alone: extrapolated {whole:.2f} s = "
        f"{whole / ours:.1f} × leansplit's analysis with everything in it"
    )


def _scipy_call(stats: Any, kind: str, one: Experiment, two: Experiment) -> None:
    if kind == "conversion":
        table = [[arm["conversions"], arm["n"] - arm["conversions"]] for arm in (one, two)]
        stats.chi2_contingency(table, correction=False)
        return
    moments = []
    for arm in (one, two):
        variance = (arm["sum_squares"] - arm["sum"] ** 2 / arm["n"]) / (arm["n"] - 1)
        moments += [arm["sum"] / arm["n"], variance**0.5, arm["n"]]
    stats.ttest_ind_from_stats(*moments)


def _arithmetic(experiments: list[Experiment]) -> None:
    """Like with like beside scipy.stats: our columns to the same p-values, without report."""
    import numpy as np

    from chalicelib.stats.fixed_horizon.goal_types import facts_of
    from chalicelib.stats.input.layout import layout_of
    from chalicelib.stats.input.request import parse
    from chalicelib.stats.input.today import today_of

    requests = [parse(experiment) for experiment in experiments]
    layout = layout_of(requests, [frozenset()] * len(requests))
    alpha, today = np.full(len(layout.goal), 0.05), today_of(layout)
    with np.errstate(all="ignore"):
        seconds = _timed(lambda: facts_of(today, alpha))
    print(f"leansplit, tests and intervals alone, from columns: {seconds:.3f} s")


def _environment() -> Path:
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "gbstats==0.8.0"]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    return python


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _timed(run: Callable[[], object]) -> float:
    # Seconds of CPU: a busy machine must not decide.
    started = time.process_time()
    run()
    return time.process_time() - started


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--experiments", type=int, default=1_000)
    parser.add_argument("--sample", type=int, help="experiments for the peers (default 20; --full 200)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true", help="a sample ten times as large")
    args = parser.parse_args()
    args.sample = args.sample or (200 if args.full else 20)
    return args


if __name__ == "__main__":
    main()
