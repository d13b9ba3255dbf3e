"""What a deploy would change: the stack's template and parameters held against those that it has."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from infra.aws import formation
from infra.aws.cloud import Cloud
from infra.aws.formation import Outputs
from infra.aws.stack import HIDDEN

Template = Mapping[str, Any]


def planned(cloud: Cloud, name: str, template: Template, parameters: Outputs) -> list[str]:
    """Lines for the user; none when nothing would change. Nothing is written."""
    stack = formation.describe(cloud.client("cloudformation"), name)
    if stack is None or stack["StackStatus"] in formation.NEVER_STOOD:
        return [f"create stack {name} with {counted(template)}"]
    lines = [
        *resource_lines(formation.template_of(cloud, name), template),
        *parameter_lines(formation.parameters_of(stack), parameters, template),
    ]
    return [f"update stack {name}", *(f"  {line}" for line in lines)] if lines else []


def counted(template: Template) -> str:
    """By kind; what only some settings ask for comes last."""
    held = template["Resources"].values()
    always = Counter(kind_of(each) for each in held if "Condition" not in each)
    asked = sorted({kind_of(each) for each in held if "Condition" in each})
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(always.items()))
    return f"{told}; by its settings {', '.join(asked)}" if asked else told


def kind_of(resource: Template) -> str:
    return str(resource["Type"]).removeprefix("AWS::")


def resource_lines(before: Template, after: Template) -> Iterator[str]:
    held, meant = before["Resources"], after["Resources"]
    for name in sorted(held.keys() | meant.keys()):
        kind = (meant.get(name) or held[name])["Type"]
        if name not in held:
            yield f"add {name} ({kind})"
        elif name not in meant:
            yield f"remove {name} ({kind})"
        elif held[name] != meant[name]:
            yield f"change {name} ({kind})"


def parameter_lines(before: Outputs, after: Outputs, template: Template) -> Iterator[str]:
    """Those that are not echoed are never shown; whether they differ only CloudFormation knows."""
    defaults = {key: str(each.get("Default", "")) for key, each in template["Parameters"].items()}
    for key in sorted(defaults):
        old, new = before.get(key, ""), after.get(key, defaults[key])
        if old not in (new, HIDDEN) and not template["Parameters"][key].get("NoEcho"):
            yield f"{key}: {old or 'empty'} → {new or 'empty'}"
