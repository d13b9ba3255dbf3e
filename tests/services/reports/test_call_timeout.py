"""A call that does not come back is ended, wherever it waits; what was before is there again."""

import signal
import threading
import time
from contextlib import suppress

import pytest

from chalicelib.services.reports.call_timeout import TimedOut, at_most


def test_a_call_that_waits_is_ended():
    with pytest.raises(TimedOut, match=r"no answer within 0\.02 s"), at_most(0.02):
        time.sleep(60)


def stubborn():
    while True:
        try:
            sum(range(1000))
        except Exception:  # noqa: BLE001
            continue


def test_a_call_that_computes_for_ever_is_ended_though_it_catches_exceptions():
    with pytest.raises(TimedOut), at_most(0.02):
        stubborn()


def deaf_once():
    with suppress(BaseException):
        time.sleep(30)
    time.sleep(30)


@pytest.mark.slow
def test_a_call_that_swallows_everything_once_is_ended_a_second_later():
    with pytest.raises(TimedOut), at_most(0.05):
        deaf_once()


def test_a_call_in_time_leaves_no_alarm_and_the_handler_that_was_there():
    before = signal.getsignal(signal.SIGALRM)
    with at_most(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) is before


def test_a_thread_that_signals_do_not_reach_has_no_end():
    came = []

    def call():
        with at_most(0.001):
            time.sleep(0.01)
            came.append("back")

    thread = threading.Thread(target=call)
    thread.start()
    thread.join()

    assert came == ["back"]
