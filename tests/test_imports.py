"""What the request path imports: a cold start pays for it."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETTINGS = {
    "VISITORS_TABLE": "v",
    "LEANSPLIT_TABLE": "t",
    "REPORTS_BUCKET": "b",
    "ADMIN_KEYS": "k" * 16,
    "SERVER_KEYS": "k" * 16,
    "TOKEN_KEYS": "k" * 16,
}


def loaded_by(code: str) -> set[str]:
    script = f"{code}\nimport sys; print(' '.join(sys.modules))"
    environment = {**SETTINGS, "PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_the_api_imports_neither_numpy_nor_scipy_nor_boto3_nor_the_x_ray_sdk():
    loaded = loaded_by("import app; from chalicelib import wiring; wiring.store()")

    assert "chalicelib.storage.dynamo.store" in loaded
    assert not loaded & {"numpy", "scipy", "boto3", "aws_xray_sdk", "chalicelib.stats"}


def test_the_report_job_never_imports_scipy_stats():
    loaded = loaded_by("import app, chalicelib.services.reports.write_reports")

    assert "scipy.special" in loaded
    assert "scipy.stats" not in loaded
