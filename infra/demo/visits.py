"""Who comes to the demo's page and what each of them does: drawn from a seed, so that every run is alike."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

RATES: Mapping[str, float] = {"control": 0.10, "test": 0.16}
"""The probability of a sign-up by variation: the effect that the report should find."""

BUYS = 0.4
"""How many of those who sign up buy something, too."""

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1",
)
BOTS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
)


class Kind(StrEnum):
    """`human` runs the script; `silent` never does, though its pixels are fetched; `bot` says what it is."""

    HUMAN = "human"
    SILENT = "silent"
    BOT = "bot"


class Course(StrEnum):
    """In which order a visitor's news arrives."""

    TOGETHER = "together"  # confirmation, enrolment and goal in one request
    IN_TURN = "in turn"  # the goal afterwards, by script or pixel
    REVERSED = "reversed"  # the goal's request overtakes the enrolment's: it counts all the same
    TOO_EARLY = "too early"  # the goal was reached before the enrolment: it does not count


@dataclass(frozen=True)
class Visit:
    visitor: str
    user_agent: str
    kind: Kind
    course: Course
    luck: float
    """Signs up if it is below its variation's rate."""
    price: str | None
    """What is bought after a sign-up."""
    by_pixel: bool
    repeats: bool
    """Every request is sent twice, as after a lost answer."""

    def signs_up(self, variation: str) -> bool:
        return self.luck < RATES[variation]


def plan(count: int, seed: int) -> list[Visit]:
    draw = random.Random(seed)
    return [visit(draw) for _ in range(count)]


def visit(draw: random.Random) -> Visit:
    kind = draw.choices(list(Kind), (0.86, 0.06, 0.08))[0]
    return Visit(
        visitor=f"{draw.getrandbits(128):032x}",
        user_agent=draw.choice(BOTS if kind is Kind.BOT else BROWSERS),
        kind=kind,
        course=draw.choices(list(Course), (0.5, 0.3, 0.15, 0.05))[0],
        luck=draw.random(),
        price=f"{draw.randint(500, 9999) / 100:.2f}" if draw.random() < BUYS else None,
        by_pixel=draw.random() < 0.3,
        repeats=draw.random() < 0.1,
    )
