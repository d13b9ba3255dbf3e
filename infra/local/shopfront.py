"""The shop that `serve` opens: pages in the site bucket, an experiment, and the published snippet."""

import json

from infra.aws.stack import Deployment
from infra.demo import traffic
from infra.paths import ROOT

PAGES = ROOT / "infra" / "local" / "shop"
EXPERIMENTS = PAGES / "experiments.json"
_TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8"}


def open_shop(deployed: Deployment, admin_key: str) -> None:
    """Put up the pages, and let the deployed API publish: a second time changes nothing."""
    s3 = deployed.cloud.client("s3")
    for page in sorted(PAGES.iterdir()):
        if page.suffix in _TYPES:
            s3.put_object(
                Bucket=deployed.data["SiteBucket"],
                Key=page.name,
                Body=page.read_bytes(),
                ContentType=_TYPES[page.suffix],
                CacheControl="no-cache",
            )
    line = traffic.Line(deployed.api_url)
    headers = {"Authorization": f"Bearer {admin_key}", "Content-Type": "application/json"}
    loaded = json.loads(line.send("POST", "/admin/definitions", headers, EXPERIMENTS.read_bytes()))
    if not loaded["added"]:
        line.send("POST", "/admin/publish", headers, b"{}")
