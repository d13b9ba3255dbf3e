"""schemathesis finds nothing that the document does not say: a short run of `python -m bench.api_fuzz`."""

import subprocess
import sys

import pytest

from bench import api_fuzz
from tests.infra.contract.conftest import NO_SCHEMATHESIS


@pytest.fixture(scope="module")
def installed() -> None:
    try:
        api_fuzz.environment()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(NO_SCHEMATHESIS)


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_good_and_bad_data_get_what_the_document_says() -> None:
    words = ["--examples", "3", "--phases", "examples,coverage,fuzzing"]
    run = subprocess.run(
        [sys.executable, "-m", "bench.api_fuzz", *words],
        cwd=api_fuzz.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
