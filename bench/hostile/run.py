"""Sends requests, judges every answer, and keeps the first request of each fault."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.hostile.generator import Generator
from bench.hostile.judge import faults_of
from bench.hostile.night import NIGHT
from bench.hostile.request import Example, Request
from bench.hostile.target import Answer, Target
from infra.local.gateway import UNKNOWN_ROUTE

RESET_EVERY = 250
NIGHT_EVERY = 125


@dataclass
class Fault:
    """`history` are the requests since the tables were reset, the one at fault last."""

    history: list[Request]
    variant: int
    times: int = 0


@dataclass
class Outcome:
    """Answers by (route, class of status), and faults by their words."""

    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: dict[str, Fault] = field(default_factory=dict)


def run(target: Target, known: Mapping[str, Sequence[Example]], requests: int, seed: int) -> Outcome:
    """Requests made of these, by route, and a night now and then. Each RESET_EVERY begin with the same
    tables and other settings."""
    outcome, generator = Outcome(), Generator(seed, known, target.keys)
    following: Request | None = None
    for number in range(requests):
        if number % RESET_EVERY == 0:
            target.reset(number // RESET_EVERY)
            history, before = list[Request](), target.tables()
        is_night = number % NIGHT_EVERY == NIGHT_EVERY - 1
        request = NIGHT if is_night else following or generator.request()
        history.append(request)
        answer = target.send(request)
        after = target.tables()
        for words in faults_of(request, answer, before, after, target.development):
            outcome.faults.setdefault(words, Fault(list(history), number // RESET_EVERY)).times += 1
        outcome.answers[_route(request, answer), _class(answer.status)] += 1
        before, following = after, generator.following(request, answer)
    return outcome


def happens(target: Target, words: str, history: Sequence[Request], variant: int) -> bool:
    """Whether the last of these requests has that fault again."""
    target.reset(variant)
    for request in history[:-1]:
        target.send(request)
    before = target.tables()
    answer = target.send(history[-1])
    return words in faults_of(history[-1], answer, before, target.tables(), target.development)


def _route(request: Request, answer: Answer) -> str:
    return "(no route)" if answer.body == UNKNOWN_ROUTE else request.route


def _class(status: int) -> str:
    return "503" if status == 503 else f"{status // 100}xx"
