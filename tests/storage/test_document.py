"""The document's text: small, exact, and refused when it is not what it promises."""

import pytest

from chalicelib.domain.errors import UnreadableDocument
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitors.event_input import event_from
from chalicelib.domain.visitors.visitor import MAX_OPEN_FACTS, Confirmation, Enrollment, Fact, Past, Visitor
from chalicelib.storage.document import body_of, visitor_of

AT = 1_763_700_000_000
EVENT = event_from({"type": "confirm", "id": "some id of a browser"}, AT).id


def enrolled(*names):
    return {name: Enrollment("control", 1, AT, EVENT) for name in names}


def test_a_typical_visitor_takes_less_than_a_kilobyte():
    facts = (Fact(EVENT, AT, "signup"), Fact(EVENT, AT, "purchase", 99_900))
    visitor = Visitor("v" * 22, AT, Confirmation(AT, EVENT), None, enrolled("headline", "price"), facts)

    assert len(body_of(visitor)) + 100 <= 1024


def test_a_heavy_visitor_takes_less_than_eight_kilobytes():
    """Full of open facts of long-named goals, with half a year of them behind it, several a day."""
    facts = tuple(
        Fact(EVENT, AT + number, f"reads_an_article_{number % 5}", None if number % 5 else 199_900)
        for number in range(MAX_OPEN_FACTS)
    )
    past = {"reads_an_article_0": tuple(Past(AT + day * DAY, 1_999_900, 10, 199_900) for day in range(26))}
    for number in range(1, 5):
        past[f"reads_an_article_{number}"] = (Past(AT),)
    visitor = Visitor(
        "v" * 22, AT, Confirmation(AT, EVENT), "user-1", enrolled("one", "two"), facts, past=past
    )

    assert len(body_of(visitor)) + 100 <= 8192


def test_what_is_empty_is_left_out():
    assert body_of(Visitor("v")) == '{"v":2}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"v":1}',
        '{"v":2,"e":[]}',
        '{"v":2,"e":{"x":["control"]}}',
        '{"v":2,"f":[["a"]]}',
        '{"v":2,"f":[["a",1,0]]}',
        '{"v":2,"h":3}',
    ],
)
def test_what_is_no_document_is_unreadable(body):
    with pytest.raises(UnreadableDocument):
        visitor_of("v", body)


@pytest.mark.parametrize("at", [-1, 7_258_118_400_000, 10**15, 10**30])
@pytest.mark.parametrize(
    "body",
    [
        '{"v":2,"c":AT}',
        '{"v":2,"h":[AT,"e"]}',
        '{"v":2,"e":{"x":["control",1,AT,"e"]}}',
        '{"v":2,"e":{"x":["control",1,5,"e",[AT,"f"]]}}',
        '{"v":2,"g":["buy"],"f":[["a",AT,0]]}',
        '{"v":2,"b":{"buy":[AT]}}',
        '{"v":2,"b":{"buy":[0,[AT,3]]}}',
    ],
)
def test_an_instant_that_no_day_has_is_unreadable(body, at):
    """It would stop the night of its experiments: no date of the calendar can be written for it."""
    with pytest.raises(UnreadableDocument):
        visitor_of("v", body.replace("AT", str(at)))


def test_an_old_visitor_is_prolonged_without_writing_at_every_visit():
    from chalicelib.domain.visitors.visitor import prolong

    human = prolong(Visitor("v", human=Confirmation(AT, EVENT)), AT)

    assert human.expires_at == AT + 400 * DAY
    assert prolong(human, AT + 29 * DAY) is human
    assert prolong(human, AT + 31 * DAY).expires_at == AT + 431 * DAY
