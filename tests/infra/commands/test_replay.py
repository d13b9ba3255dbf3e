"""`replay`: recorded logs through the services, and Cookie Cats as published."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.__main__ import main

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
DEFINITIONS = [{"name": "x", "goals": ["buy"], "state": "enabled", "started_at": "2026-01-05T00:00:00Z"}]


def line(visitor: object, kind: str, minute: int, agent: str | None = AGENT, **fields: Any) -> dict[str, Any]:
    told = {"at": f"2026-01-05T10:{minute:02d}:00Z", "visitor": visitor, "type": kind, **fields}
    return told if agent is None else {**told, "user_agent": agent}


class Replayed:
    """A log that was replayed: its exit code, reports and words."""

    def __init__(
        self, folder: Path, lines: list[Any], definitions: list[dict[str, Any]] | None = None
    ) -> None:
        log, experiments = folder / "log.jsonl", folder / "experiments.json"
        log.write_text(
            "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in lines)
        )
        experiments.write_text(json.dumps(DEFINITIONS if definitions is None else definitions))
        self.reports = folder / "out"
        self.code = main(
            ["replay", str(log), "--experiments", str(experiments), "--reports", str(self.reports)]
        )

    def arms(self, goal: str = "buy", name: str = "x") -> dict[str, tuple[int, Any]]:
        report = self.report(name)
        row = next(each for each in report["goals"] if each["key"] == goal)
        return {arm["key"]: (arm["n"], arm.get("conversions")) for arm in row["arms"]}

    def report(self, name: str = "x") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.reports / "reports" / name / "latest.json").read_text())
        return found


def test_a_variation_is_taken_as_seen_and_computed_when_absent(tmp_path):
    lines = []
    for visitor in ("a", "b", 3):
        lines += [line(visitor, "confirm", 0), line(visitor, "enroll", 0, experiment="x", variation="test")]
    lines += [line("unseen", "confirm", 1), line("unseen", "enroll", 1, experiment="x")]
    arms = Replayed(tmp_path, [*lines, line("a", "goal", 2, goal="buy")]).arms()

    assert arms["test"][1] == 1
    assert sum(n for n, _ in arms.values()) == 4


def test_bots_are_judged_by_their_user_agent_and_server_lines_are_not(tmp_path):
    lines = [
        line("bot", "enroll", 0, BOT, experiment="x"),
        line("nobody", "enroll", 0, "", experiment="x"),
        line("server", "confirm", 0, None),
        line("server", "enroll", 0, None, experiment="x"),
    ]
    replayed = Replayed(tmp_path, lines)

    assert replayed.report()["exclusions"]["bots"] == {"bot": 1, "no_user_agent": 1}
    assert sum(n for n, _ in replayed.arms().values()) == 1


def test_bad_lines_are_set_aside_with_their_number_and_the_rest_goes_on(tmp_path, capsys):
    good = [line("a", "confirm", 0), line("a", "enroll", 0, experiment="x")]
    bad = [
        "not json",
        "[]",
        json.dumps(line("a", "buy", 0)),
        json.dumps(line("", "confirm", 0)),
        json.dumps({**good[0], "at": "soon"}),
        json.dumps(line("a", "goal", 0, goal="buy", value="much")),
    ]
    replayed = Replayed(tmp_path, [*bad, "", *good])
    aside = [json.loads(each) for each in (replayed.reports / "set-aside.jsonl").read_text().splitlines()]

    assert replayed.code == 0
    assert [each["line"] for each in aside] == [1, 2, 3, 4, 5, 6]
    assert [each["problem"].split(":")[0] for each in aside] == [
        "line",
        "line",
        "type",
        "visitor",
        "at",
        "value",
    ]
    assert "line 1: line: is not JSON" in capsys.readouterr().err
    assert sum(n for n, _ in replayed.arms().values()) == 1


def test_goals_that_nobody_declared_are_declared_and_said(tmp_path, capsys):
    definitions = [{key: value for key, value in DEFINITIONS[0].items() if key != "goals"}]
    lines = [
        line("a", "confirm", 0),
        line("a", "enroll", 0, experiment="x"),
        line("a", "goal", 1, goal="spend", value="9.99"),
    ]
    report = Replayed(tmp_path, lines, definitions).report()

    assert "declared the engagement goal spend" in capsys.readouterr().err
    assert [float(arm["sum"]) for arm in report["goals"][0]["arms"] if arm["n"]] == [9.99]


def test_an_experiment_that_never_started_is_said(tmp_path, capsys):
    Replayed(tmp_path, [line("a", "confirm", 0), line("a", "enroll", 0, experiment="x")], [{"name": "x"}])

    assert "x never started: nothing counts for it" in capsys.readouterr().err


def test_every_day_up_to_the_last_line_has_its_report(tmp_path):
    later = {**line("a", "goal", 0, goal="buy"), "at": "2026-01-08T23:00:00Z"}
    replayed = Replayed(tmp_path, [line("a", "confirm", 0), line("a", "enroll", 0, experiment="x"), later])
    files = sorted(path.name for path in (replayed.reports / "reports" / "x").iterdir())

    assert files == [
        "2026-01-05.json",
        "2026-01-06.json",
        "2026-01-07.json",
        "2026-01-08.json",
        "latest.json",
    ]
    assert replayed.report()["provisional"] is False


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nothing.jsonl"], "nothing.jsonl"),
        (["log.jsonl", "--experiments", "nothing.json"], "nothing.json"),
        (["log.jsonl", "--experiments", "log.jsonl"], "is not JSON"),
        (["log.jsonl"], "no line that can be replayed"),
    ],
)
def test_what_cannot_be_replayed_is_said_in_a_line(tmp_path, monkeypatch, capsys, arguments, problem):
    monkeypatch.chdir(tmp_path)
    Path("log.jsonl").write_text("nonsense\n")

    assert main(["replay", *arguments]) == 1
    assert problem in capsys.readouterr().err


def test_cookie_cats_as_published(tmp_path):
    assert main(["cookie-cats", str(tmp_path)]) == 0

    files = [str(tmp_path / "events.jsonl"), "--experiments", str(tmp_path / "experiments.json")]
    main(["replay", *files, "--reports", str(tmp_path / "out")])
    report = json.loads((tmp_path / "out" / "reports" / "first_gate" / "latest.json").read_text())
    goals = {goal["key"]: goal for goal in report["goals"]}
    tests = {key: goal["comparisons"][0]["fixed_horizon"] for key, goal in goals.items()}

    assert [arm["n"] for arm in goals["retention_7"]["arms"]] == [44_700, 45_489]
    assert [arm["conversions"] for arm in goals["retention_7"]["arms"]] == [8_502, 8_279]
    assert tests["retention_7"]["statistic"] == pytest.approx(10.0132, abs=5e-5)
    assert tests["retention_7"]["p_value"] == pytest.approx(0.0015542, abs=5e-8)
    assert tests["retention_1"]["p_value"] == pytest.approx(0.07441, abs=5e-6)
    assert report["srm"]["p_value"] == pytest.approx(0.0086, abs=5e-5)
