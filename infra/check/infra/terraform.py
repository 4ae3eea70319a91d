"""infra/attach/terraform, as far as it can be checked without Terraform: that it parses, that what it refers to is
there, that its arguments are ones that the provider has, and what it makes."""

import copy
import re

import hcl2
from model import Finding
from read_terraform import Module, unquote
from shared import ATTACH, check_api

# The arguments of each resource type that are of use here, by the documentation of the AWS provider.
ARGUMENTS = {
    "aws_api_gateway_rest_api": {"name", "endpoint_configuration"},
    "aws_api_gateway_authorizer": {
        "rest_api_id",
        "name",
        "type",
        "authorizer_uri",
        "identity_source",
        "authorizer_result_ttl_in_seconds",
    },
    "aws_lambda_permission": {"function_name", "action", "principal", "source_arn"},
    "aws_api_gateway_gateway_response": {
        "rest_api_id",
        "response_type",
        "status_code",
        "response_templates",
        "response_parameters",
    },
    "aws_api_gateway_resource": {"rest_api_id", "parent_id", "path_part"},
    "aws_api_gateway_method": {"rest_api_id", "resource_id", "http_method", "authorization", "authorizer_id"},
    "aws_api_gateway_integration": {
        "rest_api_id",
        "resource_id",
        "http_method",
        "type",
        "integration_http_method",
        "uri",
        "request_templates",
    },
    "aws_api_gateway_method_response": {
        "rest_api_id",
        "resource_id",
        "http_method",
        "status_code",
        "response_parameters",
    },
    "aws_api_gateway_integration_response": {
        "rest_api_id",
        "resource_id",
        "http_method",
        "status_code",
        "response_parameters",
    },
    "aws_api_gateway_deployment": {"rest_api_id", "triggers"},
    "aws_api_gateway_stage": {"rest_api_id", "deployment_id", "stage_name"},
}
META_ARGUMENTS = {"for_each", "depends_on", "lifecycle"}
REFERENCE = re.compile(r"(?<![\w.])(data\.aws_\w+\.\w+|aws_\w+\.\w+|local\.\w+|var\.\w+)")
FUNCTION = "${local.authorizer_arn}"


class Terraform:
    name = "terraform"
    path = ATTACH / "terraform/main.tf"

    def load(self) -> dict:
        return hcl2.loads(self.path.read_text())

    def check(self, document: dict, with_lint: bool = True) -> list[Finding]:
        document = copy.deepcopy(document)
        module = Module(document, self.path.parent)
        api = module.read_api()
        for authorizer in api.authorizers:  # the one expression that has to be worked out
            authorizer.uri = (
                authorizer.uri.replace("${data.aws_partition.current.partition}", "aws")
                .replace("${local.region}", "eu-west-1")
                .replace("${local.authorizer_arn}", FUNCTION)
            )
        return [
            *check_api(api, FUNCTION, "*", "api"),
            *check_references(document, module),
            *check_arguments(module),
        ]


def check_references(document: dict, module: Module) -> list[Finding]:
    declared = {f"local.{name}" for name in module.locals} | {f"var.{name}" for name in module.variables}
    declared |= {f"{kind}.{name}" for kind, named in module.resources.items() for name in named}
    for block in unquote(document).get("data", []):
        declared |= {f"data.{kind}.{name}" for kind, named in block.items() for name in named}
    used = {reference for text in strings(document) for reference in REFERENCE.findall(text)}
    return [Finding("references-resolve", "main.tf", f"{name} isn't declared") for name in sorted(used - declared)]


def check_arguments(module: Module) -> list[Finding]:
    return [
        Finding("arguments-known", f"{kind}.{name}", f"has no argument {argument}")
        for kind, named in module.resources.items()
        for name, arguments in named.items()
        for argument in sorted(arguments.keys() - META_ARGUMENTS - ARGUMENTS.get(kind, set()))
    ]


def strings(node):
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node
