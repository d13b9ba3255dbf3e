"""What the functions call of AWS, caught on the way, is what their roles in the template allow."""

import fnmatch
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from chalicelib import config, wiring
from chalicelib.domain.instant import HOUR
from chalicelib.domain.visitors.identity import own_id
from chalicelib.storage.dynamo.store import DynamoStore
from chalicelib.storage.files.json_files import JsonFiles
from chalicelib.storage.files.s3 import S3Objects
from chalicelib.web.http.token import sign
from chalicelib.web.jobs import fold, recount_segment, report
from infra.aws import policies
from infra.local.emulator import Emulator
from infra.packaging import bundle
from infra.packaging.target import LOCAL
from tests.storage.conftest import create_tables
from tests.web.admin.test_publishing import BUILT
from tests.web.client import ADMIN, TOKENS, Site, site
from tests.web.test_jobs import EVENT, Context

__all__ = ["site"]
NAMES = {
    "Stage": "rights",
    "VisitorsTable": "rights-visitors",
    "LeansplitTable": "rights-leansplit",
    "ReportsBucket": "rights-reports",
    "SiteBucket": "rights-site",
    "ArtifactsBucket": "rights-artifacts",
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": "000000000000",
}
HUMAN = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"}
TEMPLATE = bundle.build(LOCAL, "test").template
PLAIN = BaseClient._make_api_call
Right = tuple[str, str]
"""An action, and what it is done to."""


class Fails:
    """An engagement calculator that knows nobody."""

    def calculate_user_engagement_score(self, user: str, start_date: object, end_date: object) -> float:
        raise ValueError(f"no account {user}")


def rights_of(service: str, operation: str, request: dict[str, Any]) -> Iterator[Right]:
    if service == "dynamodb":
        yield from _of_dynamodb(operation, request)
    elif service == "s3":
        # To look at a file takes the right to read it.
        action = operation.replace("HeadObject", "GetObject")
        yield f"s3:{action}", f"arn:aws:s3:::{request['Bucket']}/{request['Key']}"
    else:
        assert operation == "Invoke"
        function = request["FunctionName"]
        yield "lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:000000000000:function:{function}"


def _of_dynamodb(operation: str, request: dict[str, Any]) -> Iterator[Right]:
    """A transaction needs the right to each of its parts."""
    table = "arn:aws:dynamodb:us-east-1:000000000000:table/{}".format
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            for kind, part in item.items():
                yield f"dynamodb:{kind}Item", table(part["TableName"])
    elif "RequestItems" in request:
        for name in request["RequestItems"]:
            yield f"dynamodb:{operation}", table(name)
    else:
        yield f"dynamodb:{operation}", table(request["TableName"])


class Calls:
    """Every call since the last look; a Lambda is only said to be invoked."""

    def __init__(self) -> None:
        self.rights: set[Right] = set()
        self.invoked: list[bytes] = []

    def note(self, client: Any, operation: str, request: dict[str, Any]) -> Any:
        service = client.meta.service_model.service_name
        self.rights.update(rights_of(service, operation, request))
        if operation == "Invoke":
            self.invoked.append(request["Payload"])
            return {}
        return PLAIN(client, operation, request)

    def taken(self) -> set[Right]:
        taken, self.rights = self.rights, set()
        return taken


def allowed(function: str) -> list[tuple[list[str], str]]:
    statements = policies.policy_of(function, TEMPLATE, NAMES)["Statement"]
    actions = [each["Action"] for each in statements]
    return [
        ([action] if isinstance(action, str) else action, each["Resource"])
        for action, each in zip(actions, statements, strict=True)
    ]


def refused(function: str, rights: set[Right]) -> list[Right]:
    granted = allowed(function)

    def is_granted(action: str, resource: str) -> bool:
        return any(action in actions and fnmatch.fnmatchcase(resource, to) for actions, to in granted)

    return sorted(right for right in rights if not is_granted(*right))


@pytest.fixture
def calls(emulator: Emulator, site: Site, monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The application on the emulator's tables and bucket."""
    settings = {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "RECOUNT_FUNCTION": "leansplit-rights-recount",
        "SITE_BUCKET": NAMES["SiteBucket"],
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    config.settings.cache_clear()
    monkeypatch.setattr(wiring, "calculator", Fails)
    create_tables(NAMES["VisitorsTable"], NAMES["LeansplitTable"])
    for bucket in ("ReportsBucket", "SiteBucket"):
        boto3.client("s3").create_bucket(Bucket=NAMES[bucket])
    monkeypatch.setattr(wiring, "site_files", lambda: S3Objects(NAMES["SiteBucket"]))
    monkeypatch.setattr(wiring, "built_snippet", lambda: BUILT)
    site.store = DynamoStore(NAMES["VisitorsTable"], NAMES["LeansplitTable"])
    site.files = JsonFiles(S3Objects(NAMES["ReportsBucket"]))
    made = Calls()
    monkeypatch.setattr(BaseClient, "_make_api_call", lambda *call: made.note(*call))
    return made


def test_every_function_calls_what_its_role_allows_and_nothing_else(calls: Calls, site: Site) -> None:
    site.load({"name": "headline", "state": "enabled", "goals": ["signup"]})
    use_server_api(site)
    job = site.send("POST", "/admin/reports", {}, ADMIN).body
    asked = calls.taken()
    done = recount_segment({"job": job["id"], "segment": 0}, Context())
    recounted = calls.taken()
    nightly = report(EVENT, Context())
    reported = calls.taken()
    erase_everybody(site)
    erased = calls.taken()
    site.now += HOUR
    boto3.client("s3").delete_object(Bucket=NAMES["SiteBucket"], Key="leansplit.config.js")
    calls.taken()
    folded = fold(EVENT, Context())
    did = calls.taken()

    assert (done["state"], nightly["state"], len(calls.invoked)) == ("succeeded", "succeeded", 1)
    assert [own_id("7"), "ValueError: no account 7"] in done["calculation"]["failures"]
    assert refused("api_handler", asked | erased) == []
    assert refused("recount", recounted) == []
    assert refused("report", reported) == []
    assert refused("fold", did) == []
    assert folded["messages"] > 0
    assert ("s3:PutObject", f"arn:aws:s3:::{NAMES['SiteBucket']}/leansplit.config.js") in did


def use_server_api(site: Site) -> None:
    """Every call of a server, with what is refused and what a login moves."""
    phone, laptop = (sign(device, [TOKENS]) for device in ("phone-00000001", "laptop-0000001"))
    for token in (phone, laptop):
        told = [{"type": "confirm", "id": "c"}, {"type": "enroll", "id": "e", "experiment": "headline"}]
        assert site.post("/e/collect", {"visitor": token, "events": told}, None, **HUMAN).status == 204
        assert site.post("/v1/identify", {"visitor": token, "user_id": "42"}).status == 200
    assert site.post("/v1/assign", {"user_id": "7", "experiments": ["headline"]}).status == 200
    goals = [{"user_id": "7", "goal": "signup"}, {"user_id": "7", "goal": "unheard-of"}]
    assert [each["status"] for each in site.post("/v1/goals", goals).body["results"]] == [200, 422]
    assert site.post("/v1/engagement", {**goals[0], "value": 1}).status == 200


def erase_everybody(site: Site) -> None:
    assert site.send("DELETE", "/v1/visitors/laptop-0000001", None, "a-server-key-for-tests").status == 200
    assert site.post("/v1/erase", {"user_id": "7"}).body == {"erased_documents": 1}
    assert all(job["calculation"]["failures"] == [] for job in site.store.jobs())


def test_a_right_that_a_role_lacks_is_seen() -> None:
    table = "arn:aws:dynamodb:us-east-1:000000000000:table/rights-visitors"
    scan, foreign = ("dynamodb:Scan", table), ("dynamodb:GetItem", table + "-of-others")

    assert refused("api_handler", {("dynamodb:GetItem", table), scan, foreign}) == [foreign, scan]
    assert refused("report", {scan}) == []
