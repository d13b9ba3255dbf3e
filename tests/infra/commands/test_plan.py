"""The plan command against R, and its words."""

import json

import pytest

from infra.__main__ import main


def figures(capsys, *words):
    code = main(["plan", *words, "--json"])
    assert code == 0
    return json.loads(capsys.readouterr().out)


def test_rs_power_prop_test(capsys):
    found = figures(capsys, "--rate", "0.5", "--to", "0.75", "--power", "0.9", "--rule", "fixed")

    assert found["visitors"] == pytest.approx(76.7, abs=0.05)
    assert found["total_visitors"] == 154


def test_rs_power_t_test(capsys):
    found = figures(
        capsys, "--mean", "0", "--sd", "1", "--difference", "1", "--power", "0.9", "--rule", "fixed"
    )

    assert found["visitors"] == pytest.approx(22.02110, abs=5e-5)


def test_the_rule_that_decides_needs_more_visitors_than_one_test(capsys):
    words = ("--rate", "0.1", "--lift", "0.2", "--power", "0.8")
    fixed, planned, daily = (
        figures(capsys, *words, "--rule", rule)["visitors"] for rule in ("fixed", "planned", "daily")
    )
    family = figures(capsys, *words, "--goals", "2", "--arms", "3")

    assert (planned, daily) == (pytest.approx(1.14 * fixed), pytest.approx(1.55 * fixed))
    assert (family["level"], family["factor"]) == (0.05 / 4, pytest.approx(1.10))


@pytest.mark.parametrize("base", [["--rate", "0.1"], ["--mean", "10", "--sd", "20"]])
def test_each_of_the_three_gives_back_the_others(capsys, base):
    size = figures(capsys, *base, "--lift", "0.1", "--power", "0.8")["visitors"]
    power = figures(capsys, *base, "--lift", "0.1", "--visitors", repr(size))["power"]
    effect = figures(capsys, *base, "--visitors", repr(size), "--power", "0.8")["lift"]

    assert power == pytest.approx(0.8, rel=1e-9)
    assert effect == pytest.approx(0.1, rel=1e-9)


def test_one_line_for_people(capsys):
    assert main(["plan", "--rate", "0.1", "--lift", "0.2", "--traffic", "1000"]) == 0
    assert capsys.readouterr().out == (
        "4,379 visitors in each of 2 arms (8,758 in all, about 9 days at 1,000 a day) "
        "find 10 % → 12 % (+20 %) with 80 % power at alpha 0.05.\n"
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--rate", "0.1"], "give two of effect, visitors and power; the third is worked out"),
        (["--rate", "1.2", "--lift", "0.1"], "rate: the rates of both arms must be between 0 and 1"),
        (["--mean", "3", "--lift", "0.1"], "sd: goes with --mean, and --mean with it"),
        (["--rate", "0.1", "--lift", "0"], "effect: must not be 0"),
        (["--rate", "0.1", "--lift", "0.1", "--power", "1"], "power: must be above 0 and below 1"),
    ],
)
def test_bad_options_end_with_2_and_one_line(capsys, words, line):
    assert main(["plan", *words]) == 2
    assert capsys.readouterr().err == line + "\n"
