"""The site bucket over HTTP."""

import io
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from infra.aws.cloud import emulated
from infra.local.emulator import Emulator
from infra.local.site import Site, key_of

Ask = Callable[..., tuple[str, dict[str, str], bytes]]


@pytest.fixture(scope="module")
def ask(emulator: Emulator) -> Ask:
    s3 = emulated(emulator.url).client("s3")
    s3.create_bucket(Bucket="site-test")
    s3.put_object(Bucket="site-test", Key="index.html", Body=b"<p>hello", ContentType="text/html")
    script = {"ContentType": "text/javascript", "CacheControl": "max-age=60"}
    s3.put_object(Bucket="site-test", Key="leansplit.js", Body=b"1", **script)
    site = Site(s3, "site-test")

    def asked(path: str, method: str = "GET", **more: str) -> tuple[str, dict[str, str], bytes]:
        given: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "wsgi.input": io.BytesIO(),
            **more,
        }
        setup_testing_defaults(given)
        said: list[Any] = []
        body = b"".join(site(given, lambda *words: said.extend(words)))  # type: ignore[arg-type]
        return said[0], dict(said[1]), body

    return asked


def test_a_file_comes_with_its_type_and_cache_rule(ask: Ask) -> None:
    status, headers, body = ask("/leansplit.js")

    assert (status, body) == ("200 OK", b"1")
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/javascript", "max-age=60")


def test_a_folder_is_its_index(ask: Ask) -> None:
    assert ask("/")[2] == b"<p>hello"
    assert [key_of(path) for path in ("/", "/a/", "/a")] == ["index.html", "a/index.html", "a"]


def test_a_file_that_is_known_is_not_sent_again(ask: Ask) -> None:
    tag = ask("/leansplit.js")[1]["ETag"]

    assert ask("/leansplit.js", HTTP_IF_NONE_MATCH=tag)[0] == "304 Not Modified"


def test_the_head_of_a_file_has_its_length_and_no_body(ask: Ask) -> None:
    status, headers, body = ask("/index.html", "HEAD")

    assert (status, headers["Content-Length"], body) == ("200 OK", "8", b"")


def test_what_is_not_there_or_not_read_only_is_refused(ask: Ask) -> None:
    assert ask("/none.txt")[0] == "404 Not Found"
    assert ask("/index.html", "POST")[0] == "405 Method Not Allowed"
