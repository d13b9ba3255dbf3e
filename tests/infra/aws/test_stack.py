"""Deploying: what is said of addresses; the deploy itself is tested in tests/stack."""

from infra.aws.cloud import Cloud, emulated
from infra.aws.stack import Deployment, template_at

OUTPUTS = {"EndpointURL": "https://abc.execute-api.eu-west-1.amazonaws.com/api/", "RestAPIId": "abc"}


def test_the_api_s_address_is_that_of_aws_or_of_the_emulator() -> None:
    real = Deployment(Cloud("eu-west-1"), "prod", {}, OUTPUTS)
    local = Deployment(emulated("http://127.0.0.1:1"), "local", {}, OUTPUTS)

    assert real.api_url == "https://abc.execute-api.eu-west-1.amazonaws.com/api"
    assert local.api_url == "http://127.0.0.1:1/restapis/abc/api/_user_request_"


def test_a_template_is_handed_over_by_its_address() -> None:
    assert template_at(Cloud("eu-west-1"), "bucket", "template/1.json") == {
        "TemplateURL": "https://bucket.s3.eu-west-1.amazonaws.com/template/1.json"
    }
