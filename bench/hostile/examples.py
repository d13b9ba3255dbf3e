"""A valid request, or several, for every route."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.hostile.admin_examples import admin_examples
from bench.hostile.request import Example
from bench.hostile.tracker_examples import tracker_examples
from bench.hostile.visitor_examples import visitor_examples


@dataclass(frozen=True)
class Known:
    """What answers said while the stage was set: `token` of a visitor, `pixel` of a picture."""

    token: str
    pixel: str
    set_aside: str
    job: str


def examples(known: Known) -> dict[str, list[Example]]:
    """By route."""
    found: dict[str, list[Example]] = defaultdict(list)
    for each in (
        *admin_examples(known.job),
        *tracker_examples(known.set_aside),
        *visitor_examples(known.token, known.pixel),
        *_archives(),
    ):
        found[each.route].append(each)
    return dict(found)


def routes_of(table: Mapping[str, Iterable[str]]) -> list[str]:
    """The routes of an application as examples name them: `GET /e/goal/{goal}`."""
    return [f"{method} {path}" for path, methods in table.items() for method in sorted(methods)]


def without_example(table: Mapping[str, Iterable[str]], known: Mapping[str, Sequence[Example]]) -> list[str]:
    """Routes for which there is no valid request yet: add one where its neighbours are."""
    return [route for route in routes_of(table) if route not in known]


def _archives() -> Iterator[Example]:
    """Archive, restore and delete what nobody took part in."""
    for kind, parameter, name in (
        ("experiments", "name", "draft"),
        ("goals", "name", "visits"),
        ("trackers", "tracker", "sums"),
    ):
        one, path = f"/admin/{kind}/{{{parameter}}}", {parameter: name}
        yield Example(f"GET {one}", path, None, {}, "admin")
        yield Example(f"DELETE {one}", path, None, {}, "admin")
        yield Example(f"POST {one}/archive", path, {}, {}, "admin")
        yield Example(f"POST {one}/restore", path, {}, {}, "admin")
        yield Example(f"GET /admin/{kind}", {}, None, {"archived": "true"}, "admin")
