"""What Chalice would refuse before any view is asked."""

import pytest

from tests.web.client import ADMIN, Site


@pytest.mark.parametrize("path", ["/e/goal/buy", "/e/track/a/b:1/c", "/e/assign"])
@pytest.mark.parametrize("kind", ["image/gif", "text/plain", "nonsense"])
def test_what_has_no_body_may_have_any_content_type(site: Site, path: str, kind: str) -> None:
    assert site.send("GET", path, **{"Content-Type": kind}).status == 200


def test_another_method_is_said_in_our_form(site: Site) -> None:
    answer = site.send("POST", "/e/goal/buy", {})

    assert (answer.status, answer.body) == (405, {"error": "this method is not for this address"})


def test_an_export_of_another_format_is_an_error(site: Site) -> None:
    answer = site.send("GET", "/admin/trackers/refused/export?format=xml", None, ADMIN)

    assert (answer.status, answer.body["field"]) == (400, "format")
