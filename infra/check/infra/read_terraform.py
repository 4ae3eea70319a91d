"""Reads the API of infra/attach/terraform from what python-hcl2 parses. It knows the expressions that stand there, and
leaves every other one as text, which no assertion takes for a value."""

import re
from pathlib import Path

import yaml
from model import Api, Authorizer, Method, Permission, gateway_response

# The API's parts that a deployment's trigger has to name, each by its own address.
DEPLOYED = (
    "aws_api_gateway_authorizer",
    "aws_api_gateway_gateway_response",
    "aws_api_gateway_method",
    "aws_api_gateway_integration",
    "aws_api_gateway_method_response",
    "aws_api_gateway_integration_response",
)
EACH_RESPONSE = {
    "for_each": "${local.gateway_responses}",
    "response_type": "${each.key}",
    "status_code": "${try(tostring(each.value.statusCode), null)}",
    "response_templates": "${try(each.value.responseTemplates, null)}",
    "response_parameters": "${{for name, value in each.value.responseParameters : "
    "name => replace(value, \"'*'\", \"'${var.cors_origin}'\")}}",
}
SHARED_FILE = '${yamldecode(file("${path.module}/../gateway-responses.yaml"))}'


def unquote(node):
    """python-hcl2 leaves a string's quotes on."""
    if isinstance(node, dict):
        return {unquote(name): unquote(value) for name, value in node.items() if not name.startswith("__")}
    if isinstance(node, list):
        return [unquote(value) for value in node]
    if isinstance(node, str) and len(node) > 1 and node[0] == node[-1] == '"':
        return node[1:-1].replace('\\"', '"')
    return node


class Module:
    def __init__(self, parsed: dict, folder: Path):
        document = unquote(parsed)
        self.folder = folder
        self.resources = {}  # type → name → arguments
        for block in document.get("resource", []):
            for type_name, named in block.items():
                self.resources.setdefault(type_name, {}).update(named)
        self.locals = {name: value for block in document.get("locals", []) for name, value in block.items()}
        self.variables = {name: value for block in document.get("variable", []) for name, value in block.items()}

    def of_type(self, type_name: str) -> dict:
        return self.resources.get(type_name, {})

    def read_api(self) -> Api:
        return Api(
            kind="REST",
            arn="${aws_api_gateway_rest_api.api.execution_arn}",
            methods=[self.read_method(name, method) for name, method in self.of_type("aws_api_gateway_method").items()],
            authorizers=[
                self.read_authorizer(name, found) for name, found in self.of_type("aws_api_gateway_authorizer").items()
            ],
            permissions=[
                Permission(
                    permission.get("function_name", ""),
                    permission.get("action", ""),
                    permission.get("principal", ""),
                    permission.get("source_arn", ""),
                )
                for permission in self.of_type("aws_lambda_permission").values()
            ],
            gateway_responses=self.read_gateway_responses(),
            undeployed=self.find_undeployed(),
        )

    def read_method(self, name: str, method: dict) -> Method:
        route = re.search(r"aws_api_gateway_resource\.(\w+)\.id", method.get("resource_id", ""))
        part = self.of_type("aws_api_gateway_resource").get(route[1], {}).get("path_part", "?") if route else ""
        authorizer = re.search(r"aws_api_gateway_authorizer\.(\w+)\.id", method.get("authorizer_id", ""))
        is_mock = self.of_type("aws_api_gateway_integration").get(name, {}).get("type") == "MOCK"
        return Method(
            path=f"/{part}",
            verb=method["http_method"],
            authorizer=authorizer[1] if authorizer and method.get("authorization") == "CUSTOM" else None,
            preflight=self.mock_headers(name) if is_mock else {},
        )

    def mock_headers(self, name: str) -> dict[str, str]:
        declared = self.of_type("aws_api_gateway_method_response").get(name, {}).get("response_parameters", {})
        answered = self.of_type("aws_api_gateway_integration_response").get(name, {}).get("response_parameters", {})
        prefix = "method.response.header."
        return {
            header.removeprefix(prefix).lower(): value.strip("'")
            for header, value in answered.items()
            if declared.get(header) is True
        }

    def read_authorizer(self, name: str, found: dict) -> Authorizer:
        sources = found.get("identity_source", "")
        return Authorizer(
            name=name,
            type=found.get("type", "TOKEN"),  # the provider's default
            uri=found.get("authorizer_uri", ""),
            identity_sources=[part.strip() for part in sources.split(",") if part],
            ttl=found.get("authorizer_result_ttl_in_seconds"),
        )

    def read_gateway_responses(self) -> dict:
        """From the file that `for_each` goes through, where the arguments are made of it as they should be."""
        found = self.of_type("aws_api_gateway_gateway_response").get("all", {})
        is_as_known = all(found.get(name) == expression for name, expression in EACH_RESPONSE.items())
        if not is_as_known or self.locals.get("gateway_responses") != SHARED_FILE:
            return {}
        documents = yaml.safe_load((self.folder / "../gateway-responses.yaml").read_text())
        return {name: gateway_response(document) for name, document in documents.items()}

    def find_undeployed(self) -> list[str]:
        triggers = " ".join(
            str(deployment.get("triggers", {})) for deployment in self.of_type("aws_api_gateway_deployment").values()
        )
        addresses = [f"{type_name}.{name}" for type_name in DEPLOYED for name in self.of_type(type_name)]
        return [address for address in addresses if not re.search(rf"{re.escape(address)}\b", triggers)]
