"""The same data with other methods: one test looked at every day, and gbstats' sequential test."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from bench.aa.draw import Counts, Draw, Goal

ROOT = Path(__file__).parents[2]
PEER = ROOT / "bench" / "peers" / "gbstats_sequential.py"
HOME = ROOT / "build" / "gbstats"
Z = 1.959963984540054


def peeked(draw: Draw) -> Counts:
    """By experiment whether chi-square (rates), Welch's z (means) or the delta method's z (ratios) was ever
    significant on a day, for any goal and arm; over the data of all phases together."""
    found = np.zeros(draw.size, dtype=bool)
    with np.errstate(all="ignore"):
        for goal in _whole(draw):
            z = np.abs(_z(goal))
            found |= np.any(np.where(np.isfinite(z), z, 0.0) >= Z, axis=(1, 2))
    return found


def gbstats(draw: Draw, experiments: int) -> list[bool] | None:
    """The same by gbstats 0.8.0, tuning 5000, for the first experiments; None where the split changed."""
    if len(draw.parts) > 1:
        return None
    goals = draw.parts[0].goals
    sample = [
        [
            {
                "type": goal.type,
                "scale": goal.scale,
                "n": goal.n[i].tolist(),
                "sums": [c[i].tolist() for c in goal.sums],
            }
            for goal in goals
        ]
        for i in range(min(experiments, draw.size))
    ]
    answer = subprocess.run(
        [str(environment()), "-W", "ignore", str(PEER)],
        input=json.dumps(sample),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[bool] = json.loads(answer.stdout)
    return found


def environment() -> Path:
    """gbstats' own Python, made under build/ when it is not there."""
    python = HOME / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(HOME)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "gbstats==0.8.0"]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
    return python


def _whole(draw: Draw) -> list[Goal]:
    if len(draw.parts) == 1:
        return list(draw.parts[0].goals)
    found = []
    for g, last in enumerate(draw.parts[-1].goals):
        size = max(part.first + part.goals[g].n.shape[2] for part in draw.parts)
        columns = [np.zeros((*last.n.shape[:2], size)) for _ in range(2)]
        for part in draw.parts:
            for column, own in zip(columns, (part.goals[g].n, part.goals[g].sums[0]), strict=True):
                column[:, :, part.first :] += own
        found.append(Goal(last.type, columns[0], (columns[1],), columns[1]))
    return found


def _z(goal: Goal) -> Any:
    """Of each treatment against the control, by day."""
    n, sums = goal.n.astype(float), [column.astype(float) for column in goal.sums]
    one, two = slice(0, 1), slice(1, None)
    if goal.type == "conversion":
        p = sums[0] / n
        pooled = (sums[0][:, one] + sums[0][:, two]) / (n[:, one] + n[:, two])
        spread = pooled * (1 - pooled) * (1 / n[:, one] + 1 / n[:, two])
        return (p[:, two] - p[:, one]) / np.sqrt(spread)
    if goal.type == "engagement":
        mean, square = sums[0] / n, (sums[1] - sums[0] ** 2 / n) / (n * (n - 1))
        return (mean[:, two] - mean[:, one]) / np.sqrt(square[:, one] + square[:, two])
    m, mm, d, dd, md = sums
    ratio = m / d
    square = (mm - 2 * ratio * md + ratio**2 * dd) / d**2
    return (ratio[:, two] - ratio[:, one]) / np.sqrt(square[:, one] + square[:, two])
