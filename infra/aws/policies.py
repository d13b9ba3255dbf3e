"""The template's roles as policy documents with real names, for `chalice deploy`."""

import re
from typing import Any

from infra.aws.formation import Outputs

ROLES = {"api_handler": "APIRole", "report": "ReportRole", "recount": "RecountRole", "fold": "FoldRole"}
FUNCTIONS = {"api_handler": "", "report": "-report", "recount": "-recount", "fold": "-fold"}
VARIABLE = re.compile(r"\$\{([A-Za-z:]+)\}")
Statement = dict[str, Any]


def policy_of(function: str, template: dict[str, Any], names: Outputs) -> dict[str, Any]:
    """The rights of one function; `names` are the parameters and pseudo parameters of the stage."""
    role = template["Resources"][ROLES[function]]["Properties"]
    held = role["Policies"][0]["PolicyDocument"]["Statement"]
    kept = [named(each, names) for each in held if each["Sid"] not in ("WriteItsLog", "TellOfFailures")]
    return {"Version": "2012-10-17", "Statement": [log_right(function, names), key_right(names), *kept]}


def named(statement: Statement, names: Outputs) -> Statement:
    return {**statement, "Resource": substituted(statement["Resource"]["Fn::Sub"], names)}


def substituted(text: str, names: Outputs) -> str:
    return VARIABLE.sub(lambda found: names[found[1]], text)


def log_right(function: str, names: Outputs) -> Statement:
    """Chalice makes no log group, so the function makes its own at the first line."""
    group = f"log-group:/aws/lambda/leansplit-{names['Stage']}{FUNCTIONS[function]}"
    arn = substituted("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:", names)
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    return {"Sid": "WriteItsLog", "Effect": "Allow", "Action": actions, "Resource": f"{arn}{group}:*"}


def key_right(names: Outputs) -> Statement:
    """The environment that Chalice writes holds no keys: they are read at the start."""
    arn = substituted("arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:", names)
    resource = f"{arn}parameter/leansplit/{names['Stage']}/keys"
    return {"Sid": "ReadKeys", "Effect": "Allow", "Action": "ssm:GetParameter", "Resource": resource}
