"""Two builds never meet."""

import threading
import time

from infra.packaging.build_lock import one_at_a_time


def test_a_second_build_waits_for_the_first():
    seen: list[str] = []

    @one_at_a_time()
    def build(name: str) -> None:
        seen.append(f"{name} begins")
        time.sleep(0.05)
        seen.append(f"{name} ends")

    both = [threading.Thread(target=build, args=(name,)) for name in ("one", "two")]
    for each in both:
        each.start()
    for each in both:
        each.join()

    assert [line.split()[1] for line in seen] == ["begins", "ends", "begins", "ends"]
