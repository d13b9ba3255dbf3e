"""The analyze command: what it prints, and how it says that the input is wrong."""

import io
import json

import pytest

from infra.__main__ import main

REQUEST = {
    "weights": {"control": 0.5, "test": "1/2"},
    "goals": [
        {
            "key": "buy",
            "type": "conversion",
            "arms": [
                {"key": "control", "n": 1000, "conversions": 100},
                {"key": "test", "n": 1000, "conversions": 120},
            ],
        }
    ],
}


def with_arm(**fields):
    body = json.loads(json.dumps(REQUEST))
    body["goals"][0]["arms"][1].update(fields)
    return body


def run(monkeypatch, capsys, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code = main(["analyze", "-"])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_request_on_standard_input_gives_the_reports_schema(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, json.dumps(REQUEST))
    found = json.loads(out)

    assert code == 0
    assert found["srm"]["verdict"] == "ok"
    assert found["goals"][0]["comparisons"][0]["fixed_horizon"]["statistic"] == pytest.approx(2.0429009193)


def test_an_array_gives_an_array(monkeypatch, capsys):
    code, out, _ = run(monkeypatch, capsys, json.dumps([REQUEST, REQUEST]))

    assert code == 0
    assert [len(each["goals"]) for each in json.loads(out)] == [1, 1]


def test_a_file_is_read(tmp_path, capsys):
    file = tmp_path / "counts.json"
    file.write_text(json.dumps(REQUEST), encoding="utf-8")

    assert main(["analyze", str(file)]) == 0
    assert json.loads(capsys.readouterr().out)["goals"][0]["key"] == "buy"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (with_arm(conversions=1001), "goals[0].arms[1].conversions: must not exceed n"),
        (with_arm(n=-1), "goals[0].arms[1].n: must be a whole number, zero or more"),
        (with_arm(n=True), "goals[0].arms[1].n: must be a number"),
        (with_arm(key="control"), "goals[0].arms[1].key: 'control' is there twice"),
        ({**REQUEST, "alpha": 1}, "alpha: must be between 0 and 1, both excluded"),
        ({**REQUEST, "weights": {"control": 1, "other": 1}}, "weights.other: no such arm"),
        (
            {**REQUEST, "goals": [{"key": "buy", "type": "clicks"}]},
            "goals[0].type: must be one of conversion, engagement, ratio",
        ),
        ([REQUEST, {"goals": 3}], "[1].goals: must be a list"),
        ([REQUEST, 3], "[1].request: must be an object"),
        ({**REQUEST, "alhpa": 0.1}, "alhpa: is not known; known are "),
        (with_arm(conversion=3), "goals[0].arms[1].conversion: is not known; known are "),
    ],
)
def test_a_bad_request_ends_with_3_its_error_in_its_place_and_a_line_that_names_the_field(
    monkeypatch, capsys, body, line
):
    code, out, err = run(monkeypatch, capsys, json.dumps(body))
    found = json.loads(out)
    error = (found[-1] if isinstance(found, list) else found)["error"]

    assert code == 3
    assert err.startswith(line)
    assert err.count("\n") == 1
    assert error["code"] == "invalid_request"
    assert line.removeprefix("[1].").startswith(f"{error['field']}: {error['message'][:12]}")


def test_one_bad_request_costs_no_other(monkeypatch, capsys):
    _, alone, _ = run(monkeypatch, capsys, json.dumps(REQUEST))
    _, out, _ = run(monkeypatch, capsys, json.dumps([REQUEST, {"goals": 3}, REQUEST]))

    assert json.loads(out)[::2] == [json.loads(alone)] * 2


def test_a_broken_report_is_an_error_in_its_place(monkeypatch, capsys):
    reports = [{"tallies": 3, "schema_version": 1}, {"tallies": [], "schema_version": 2, "experiment": 7}]
    code, out, _ = run(monkeypatch, capsys, json.dumps([*reports, REQUEST]))

    assert code == 3
    assert [each.get("error", {}).get("code") for each in json.loads(out)] == ["invalid_report"] * 2 + [None]


def test_sums_of_squares_that_can_not_be_are_named(monkeypatch, capsys):
    arms = [{"key": key, "n": 10, "sum": "23.3", "sum_squares": "50"} for key in "ab"]
    body = {"goals": [{"key": "spend", "type": "engagement", "arms": arms}]}
    code, _, err = run(monkeypatch, capsys, json.dumps(body))

    assert (code, err) == (3, "goals[0].arms[0].sum_squares: is smaller than the sum and n allow\n")


@pytest.mark.parametrize("text", ["{", "", "[" * 100_000, '{"goals": ' + "9" * 5000 + "}"])
def test_what_is_no_json_ends_with_2(monkeypatch, capsys, text):
    code, _, err = run(monkeypatch, capsys, text)

    assert code == 2
    assert err.count("\n") == 1


def test_a_missing_file_ends_with_2(tmp_path, capsys):
    assert main(["analyze", str(tmp_path / "none.json")]) == 2
    assert "none.json: No such file" in capsys.readouterr().err
