"""The app stack's template: front door, throttles, schedules, alarms; the emulator ignores half of it."""

from typing import Any

import pytest

from chalicelib.web import jobs
from infra.packaging import bundle
from infra.packaging.target import LOCAL
from infra.paths import ROOT

TEMPLATE = bundle.build(LOCAL, "test").template
RESOURCES: dict[str, Any] = {name: each["Properties"] for name, each in TEMPLATE["Resources"].items()}
FRONT = RESOURCES["Distribution"]["DistributionConfig"]
ALARMS = {name: each for name, each in RESOURCES.items() if name.endswith("Alarm")}
CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"


def test_every_route_of_the_api_passes_the_front_door_uncached() -> None:
    paths = TEMPLATE["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    behaviours = {each["PathPattern"]: each for each in FRONT["CacheBehaviors"]}

    assert {f"/{path.split('/')[1]}/*" for path in paths} <= behaviours.keys()
    for each in behaviours.values():
        assert (each["TargetOriginId"], each["CachePolicyId"]) == ("api", CACHING_DISABLED)
        assert each["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST
        assert len(each["AllowedMethods"]) == 7


def test_the_site_is_read_with_a_signature_of_this_distribution_alone() -> None:
    site = next(each for each in FRONT["Origins"] if each["Id"] == "site")
    allowed = RESOURCES["SitePolicy"]["PolicyDocument"]["Statement"][0]

    assert site["OriginAccessControlId"] == {"Fn::GetAtt": ["SiteAccess", "Id"]}
    assert allowed["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert "${Distribution}" in allowed["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Sub"]


def test_the_front_door_shows_the_api_its_key_and_browsers_the_security_headers() -> None:
    api = next(each for each in FRONT["Origins"] if each["Id"] == "api")
    headers = api["OriginCustomHeaders"]["Fn::If"][1]
    security = RESOURCES["APIHeaders"]["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]

    assert [each["HeaderName"] for each in headers] == ["X-Leansplit-Origin"]
    assert security.keys() >= {
        "StrictTransportSecurity",
        "ContentTypeOptions",
        "ReferrerPolicy",
        "FrameOptions",
    }


def test_pixel_and_collect_have_throttles_of_their_own() -> None:
    settings = RESOURCES["RestAPI"]["MethodSettings"]
    paths = {each["ResourcePath"] for each in settings}

    assert paths == {"/*", "/e/goal/{goal}", "/e/collect"}
    assert all(each["ThrottlingRateLimit"] and each["ThrottlingBurstLimit"] for each in settings)


@pytest.mark.parametrize("function", ["Report", "Recount", "Fold"])
def test_what_fails_for_good_is_told(function: str) -> None:
    asynchronous = RESOURCES[function]["EventInvokeConfig"]

    assert asynchronous["DestinationConfig"]["OnFailure"]["Destination"] == {"Ref": "AlarmTopic"}


def test_every_alarm_rings_and_says_why() -> None:
    assert len(ALARMS) == 9
    for each in ALARMS.values():
        assert each["AlarmActions"] == [{"Ref": "AlarmTopic"}]
        assert each["AlarmDescription"]


def test_an_alarm_s_metric_is_one_that_the_code_emits() -> None:
    source = (ROOT / "chalicelib" / "web" / "jobs.py").read_text()
    ours = {each["MetricName"] for each in ALARMS.values() if "Fn::Sub" in str(each["Namespace"])}

    assert jobs.__file__.endswith("jobs.py")
    assert len(ours) == 4
    assert [name for name in ours if f'measure("{name}"' not in source] == []


@pytest.mark.parametrize("alarm", ["ReportLateAlarm", "LanesAlarm"])
def test_silence_is_an_alarm_where_something_must_come(alarm: str) -> None:
    assert ALARMS[alarm]["TreatMissingData"] == "breaching"


def test_every_function_s_log_is_kept_for_a_while_and_not_for_ever() -> None:
    groups = [each for name, each in RESOURCES.items() if name.endswith("Logs")]

    assert len(groups) == 4
    assert all(each["RetentionInDays"] <= 90 for each in groups)
