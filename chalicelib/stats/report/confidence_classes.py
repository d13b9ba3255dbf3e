"""django-lean's classes of its confidence: high, medium, low."""

import numpy as np

from chalicelib.stats.arrays import Floats

HIGH = 95.0
MEDIUM = 90.0


def confidence_classes(percent: Floats) -> list[str | None]:
    """By the figure that the report shows, both borders included; None where there is none."""
    names = np.select([percent >= HIGH, percent >= MEDIUM, percent < MEDIUM], ["high", "medium", "low"], "")
    return [name or None for name in names.tolist()]
