"""The one place that catches everything, so that what is bad harms only itself."""

from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def attempt(work: Callable[[], _T], failed: Callable[[Exception], None]) -> _T | None:
    """What `work` returns; when it raises, `failed` gets the error and the answer is None.

    For work on one thing of many, at night: an experiment, a day, a lane. The caller goes on with
    the others, keeps every error, and ends as failed once all the others are done.
    """
    try:
        return work()
    except Exception as error:  # noqa: BLE001 whatever it is, the other experiments, days and lanes go on
        failed(error)
        return None
