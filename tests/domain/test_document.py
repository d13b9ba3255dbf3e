"""The document's text: small, exact, and refused when it is not what it promises."""

import pytest

from chalicelib.domain.document import body_of, visitor_of
from chalicelib.domain.errors import UnreadableDocument
from chalicelib.domain.event import event_from
from chalicelib.domain.instant import DAY
from chalicelib.domain.visitor import MAX_OPEN_FACTS, Confirmation, Enrollment, Fact, Settled, Visitor

AT = 1_763_700_000_000
EVENT = event_from({"type": "confirm", "id": "some id of a browser"}, AT).id


def enrolled(*names):
    return {name: Enrollment("control", 1, AT, EVENT) for name in names}


def test_a_typical_visitor_takes_less_than_a_kilobyte():
    facts = (Fact(EVENT, AT, "signup"), Fact(EVENT, AT, "purchase", 99_900))
    visitor = Visitor("v" * 22, AT, Confirmation(AT, EVENT), None, enrolled("headline", "price"), facts)

    assert len(body_of(visitor)) + 100 <= 1024


def test_a_heavy_visitor_takes_less_than_eight_kilobytes():
    """Full of open facts, and with half a year of purchases settled in two experiments."""
    facts = tuple(Fact(EVENT, AT + number, "purchase") for number in range(MAX_OPEN_FACTS * 2 // 5))
    sums = {20_000 + number: 199_900 for number in range(90)}
    settled = {"purchase": Settled(AT, 90, sums), "signup": Settled(AT, 1, {})}
    visitor = Visitor(
        "v" * 22,
        AT,
        Confirmation(AT, EVENT),
        "user-1",
        enrolled("one", "two"),
        facts,
        {"one": settled, "two": settled},
    )

    assert len(body_of(visitor)) + 100 <= 8192


def test_a_heavy_visitor_with_means_and_covariates_takes_less_than_eight_kilobytes():
    """Buys every day of a quarter in two experiments, with a covariate of four weeks: 8 write units."""
    facts = tuple(Fact(EVENT, AT + number, "purchase", 199_900) for number in range(40))
    sums = {20_000 + number: 199_900 for number in range(90)}
    counts = {20_000 + number: 3 for number in range(90)}
    settled = {"purchase": Settled(AT, 270, sums, counts), "signup": Settled(AT, 1, {})}
    visitor = Visitor(
        "v" * 22,
        AT,
        Confirmation(AT, EVENT),
        "user-1",
        enrolled("one", "two"),
        facts,
        {"one": settled, "two": settled},
        past={"purchase": {19_900 + number: 199_900 for number in range(28 + 8 + 28)}},
    )

    assert len(body_of(visitor)) + 100 <= 8192


def test_what_is_empty_is_left_out():
    assert body_of(Visitor("v")) == '{"v":1}'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"v":2}',
        '{"v":1,"e":[]}',
        '{"v":1,"e":{"x":["control"]}}',
        '{"v":1,"f":[["a"]]}',
        '{"v":1,"h":3}',
    ],
)
def test_what_is_no_document_is_unreadable(body):
    with pytest.raises(UnreadableDocument):
        visitor_of("v", body)


def test_an_old_visitor_is_prolonged_without_writing_at_every_visit():
    from chalicelib.domain.visitor import prolong

    human = prolong(Visitor("v", human=Confirmation(AT, EVENT)), AT)

    assert human.expires_at == AT + 400 * DAY
    assert prolong(human, AT + 29 * DAY) is human
    assert prolong(human, AT + 31 * DAY).expires_at == AT + 431 * DAY
