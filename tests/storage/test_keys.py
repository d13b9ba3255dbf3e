"""Every key as it lies in the table: a change here needs a migration."""

from chalicelib.storage import keys


def test_keys_are_what_they_were():
    assert keys.definition_key("experiment", "headline") == ("definitions", "experiment#headline")
    assert keys.definition_key("goal", "buy") == ("definitions", "goal#buy")
    assert keys.report_key("headline", "2026-11-21") == ("reports#headline", "2026-11-21")
    assert keys.job_key("nightly-1") == ("jobs", "nightly-1")


def test_files_are_where_they_were():
    assert keys.report_object("headline", "2026-11-21") == "reports/headline/2026-11-21.json"
    assert keys.report_object("headline", "latest") == "reports/headline/latest.json"
    assert keys.REPORT_INDEX == "reports/index.json"
    assert keys.partial_object("nightly-1", 3, "a") == "work/nightly-1/0003-a.json.gz"
