"""CloudFormation with boto3 alone: create or update a stack, wait, tell what happens; delete one."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import yaml
from botocore.exceptions import ClientError

from infra.aws.cloud import Cloud
from infra.errors import StackError

NOTHING = object()
STANDS = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
NEVER_STOOD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "REVIEW_IN_PROGRESS")
Say = Callable[[str], None]
Outputs = dict[str, str]
Stack = dict[str, Any]


def apply(cloud: Cloud, name: str, template: Mapping[str, str], parameters: Outputs, say: Say) -> Outputs:
    """Create the stack or update it, wait, and answer its outputs, which an update may have changed.

    One that an interrupted run left under way is waited for; one that was never made is made anew.
    """
    formation = cloud.client("cloudformation")
    request = {
        **template,
        "StackName": name,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    begun = time.monotonic()
    before = at_rest(cloud, name, say)
    if before is None:
        say(f"stack {name}: create")
        asked(formation.create_stack, request)
    elif asked(formation.update_stack, request) is NOTHING:
        say(f"stack {name}: nothing to change")
        return outputs_of(before)
    stack = waited(cloud, name, say)
    if stack is None or stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise StackError(f"{name}: {stack and stack['StackStatus']}\n{reasons(formation, name)}")
    say(f"stack {name}: {stack['StackStatus']} in {time.monotonic() - begun:.1f} s")
    return outputs_of(stack)


def at_rest(cloud: Cloud, name: str, say: Say) -> Stack | None:
    """The stack once nothing happens to it any more; None when there is none, or none that ever stood."""
    stack = waited(cloud, name, say)
    if stack is None:
        return None
    if stack["StackStatus"] in NEVER_STOOD:
        say(f"stack {name}: {stack['StackStatus']}, removed to be made anew")
        delete(cloud, name, say)
        return None
    if stack["StackStatus"] not in STANDS:
        raise StackError(f"{name} is {stack['StackStatus']}: see CloudFormation's console, then try again")
    return stack


def delete(cloud: Cloud, name: str, say: Say) -> None:
    """Remove a stack and wait; what its template retains stays."""
    formation = cloud.client("cloudformation")
    formation.delete_stack(StackName=name)
    stack = waited(cloud, name, say)
    if stack is not None:
        raise StackError(f"{name}: {stack['StackStatus']}\n{reasons(formation, name)}")


def asked(operation: Callable[..., Any], request: dict[str, Any]) -> Any:
    try:
        return operation(**request)
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return NOTHING
        raise StackError(f"{request['StackName']}: {error}") from error


def describe(formation: Any, name: str) -> Stack | None:
    try:
        found = formation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if found[0]["StackStatus"] == "DELETE_COMPLETE" else dict(found[0])


def waited(cloud: Cloud, name: str, say: Say) -> Stack | None:
    """The stack when its operation is over; meanwhile each resource is said once when it is done."""
    formation, seen = cloud.client("cloudformation"), set[str]()
    seen.update(key for key, _ in events(formation, name))
    while (stack := describe(formation, name)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(0.2 if cloud.url else 3)
        for key, line in events(formation, name):
            if key not in seen and not cloud.url:
                say(f"  {line}")
            seen.add(key)
    return stack


def events(formation: Any, name: str) -> Iterator[tuple[str, str]]:
    """(id, line) of what became of resources lately, oldest first."""
    try:
        found = formation.describe_stack_events(StackName=name)["StackEvents"]
    except ClientError:
        return
    for event in reversed(found):
        if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
            yield event["EventId"], f"{event['LogicalResourceId']}: {event['ResourceStatus']}"


def outputs_of(stack: Stack) -> Outputs:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def parameters_of(stack: Stack) -> Outputs:
    """What the stack was given; those that are not echoed come as stars."""
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}


def refuse_strangers(template: Stack, given: Outputs) -> None:
    """StackError for a parameter that the template does not have."""
    strangers = sorted(given.keys() - template["Parameters"].keys())
    if strangers:
        names = ", ".join(sorted(template["Parameters"]))
        raise StackError(f"no parameter {', '.join(strangers)}; there are {names}")


def template_of(cloud: Cloud, name: str) -> Stack:
    """The template that made the stack, as it was sent."""
    found = cloud.client("cloudformation").get_template(StackName=name, TemplateStage="Original")
    body = found["TemplateBody"]
    return dict(body) if isinstance(body, dict) else parsed(body)


def parsed(text: str) -> Stack:
    """A template's text, JSON or YAML; its short tags become lists and words that compare alike."""
    return dict(json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Tags))


class _Tags(yaml.SafeLoader):  # type: ignore[misc]
    """Safe, and knows CloudFormation's `!Ref` and the like."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Tags.add_multi_constructor("!", _tagged)


def reasons(formation: Any, name: str) -> str:
    found = formation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in found if event["ResourceStatus"].endswith("FAILED")]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}" for event in failed)
