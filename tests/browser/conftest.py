"""Chromium, and a shop for it to visit. Without Chromium the tests are skipped, and it is said why."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.config import settings
from infra.packaging import snippet
from tests.browser.server import Shop, serve

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Else every page would say navigator.webdriver; the tests of that set it themselves.
    "--disable-blink-features=AutomationControlled",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
    "--ignore-certificate-errors",
    # Not per page: a beacon outlives its page, and says what the browser says.
    f"--user-agent={AGENT}",
]
SETTINGS = {
    "VISITORS_TABLE": "memory",
    "LEANSPLIT_TABLE": "memory",
    "REPORTS_BUCKET": "memory",
    "ADMIN_KEYS": "admin-key-of-the-tests",
    "SERVER_KEYS": "server-key-of-the-tests",
    "TOKEN_KEYS": "token-key-of-the-tests",
    "DEVELOPMENT": "1",
    "DEFINITIONS_SECONDS": "0",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="NO CHROMIUM: apt-get install chromium fonts-liberation")
                )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if CHROMIUM is None:
        terminalreporter.section("NO CHROMIUM: the browser tests were skipped", red=True)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = snippet.build(tmp_path_factory.mktemp("snippet"))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield started
        started.close()


@pytest.fixture
def shop(built: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    from app import app

    made = Shop(app, built)
    monkeypatch.setattr(wiring, "store", lambda: made.store)
    monkeypatch.setattr(wiring, "site_files", lambda: made.files)
    server = serve(made)
    made.url = f"http://localhost:{server.server_port}"
    yield made
    server.shutdown()
    server.server_close()
    settings.cache_clear()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its own certificate in one file; the browser accepts every certificate."""
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    ask = ["req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    parts = {"-keyout": path.with_suffix(".key"), "-out": path.with_suffix(".crt"), "-subj": "/CN=shop.test"}
    options = [str(each) for pair in parts.items() for each in pair]
    subprocess.run(["openssl", *ask, *options], check=True, capture_output=True)
    path.write_bytes(parts["-keyout"].read_bytes() + parts["-out"].read_bytes())
    return path


@pytest.fixture
def secure(shop: Shop, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., int]]:
    """Serves the same shop by TLS as in production, under every name that ends in .test; answers the port."""
    server = serve(shop, certificate)

    def with_settings(**environment: str) -> int:
        for name, value in {"DEVELOPMENT": "0", **environment}.items():
            monkeypatch.setenv(name, value.format(port=server.server_port))
        settings.cache_clear()
        return int(server.server_port)

    yield with_settings
    server.shutdown()
    server.server_close()


@pytest.fixture
def human(browser: Any) -> Iterator[Any]:
    """A browser context that says it is a person's."""
    context = browser.new_context()
    yield context
    context.close()
