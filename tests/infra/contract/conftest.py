"""Says loudly that schemathesis could not be installed."""

from typing import Any

NO_SCHEMATHESIS = "NO SCHEMATHESIS: it could not be installed under build/"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if any(NO_SCHEMATHESIS in str(each.longrepr) for each in skipped):
        terminalreporter.section(f"{NO_SCHEMATHESIS}; its test was skipped", red=True)
