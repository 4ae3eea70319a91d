"""Loads CloudFormation and SAM templates, transforms and lints them offline, and works out their resources."""

import copy
import json
import logging
import os
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "eu-west-1")  # the translator wants one before it is imported

from cfnlint.api import lint as run_linter
from intrinsics import Intrinsics
from samtranslator.translator.transform import transform as run_translator
from samtranslator.yaml_helper import yaml_parse

logging.getLogger("samtranslator").setLevel(logging.CRITICAL)  # it tells of metrics that it couldn't send

REGIONS = ["eu-west-1"]

# What the linter may say, and why it is no fault.
ACCEPTED = {
    "W2001": "the translator puts in the values of parameters, so their references are gone; sam validate --lint looks",
    "W3005": "the CDK writes out dependencies that its references imply",
}


class ManagedPolicies:
    """In place of the loader that would ask IAM."""

    def load(self) -> dict[str, str]:
        name = "AWSLambdaBasicExecutionRole"
        return {name: f"arn:aws:iam::aws:policy/service-role/{name}"}


def load(path: Path) -> dict:
    return yaml_parse(path.read_text())


def transform(template: dict, parameters: dict) -> dict:
    """SAM's work: the template as CloudFormation gets it. Linting the source misses undefined references in it."""
    if "Transform" not in template:
        return template
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function" and "CodeUri" in resource["Properties"]:
            resource["Properties"]["CodeUri"] = {"Bucket": "a-bucket", "Key": "a-key"}  # as `sam package` leaves it
    defaults = {
        name: parameter["Default"]
        for name, parameter in template.get("Parameters", {}).items()
        if "Default" in parameter
    }
    return run_translator(template, defaults | parameters, ManagedPolicies())


def lint(transformed: dict) -> list[str]:
    matches = run_linter(json.dumps(transformed), regions=REGIONS)
    return [
        f"{match.rule.id} {match.message} at {'/'.join(map(str, match.path or []))}"
        for match in matches
        if match.rule.id not in ACCEPTED
    ]


def resources(transformed: dict, parameters: dict) -> dict:
    return Intrinsics(transformed, parameters).resources(transformed)


def of_type(found: dict, type_name: str) -> dict:
    """Name → properties of the resources of one type."""
    return {name: resource.get("Properties", {}) for name, resource in found.items() if resource["Type"] == type_name}
