"""The demo's visitors: the same for the same seed, of every kind and course."""

from infra.demo.visits import Course, Kind, plan


def test_a_seed_draws_the_same_visits_again() -> None:
    assert plan(50, seed=1) == plan(50, seed=1)
    assert plan(50, seed=1) != plan(50, seed=2)


def test_every_kind_and_course_comes_with_and_without_repeats() -> None:
    visits = plan(2000, seed=2026)

    assert {visit.kind for visit in visits} == set(Kind)
    assert {(visit.course, visit.repeats, visit.by_pixel) for visit in visits} == {
        (course, repeats, by_pixel)
        for course in Course
        for repeats in (True, False)
        for by_pixel in (True, False)
    }


def test_nobody_comes_twice_and_ids_are_as_the_script_makes_them() -> None:
    visits = plan(2000, seed=2026)

    assert len({visit.visitor for visit in visits}) == 2000
    assert {len(visit.visitor) for visit in visits} == {32}
