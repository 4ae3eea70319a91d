"""The CloudFormation and SAM templates that are checked. A target's document is what it is parsed to; `check` takes
that document, so that a broken copy goes the same way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cloudformation
from assert_stack import STACK_ASSERTIONS
from assert_template import TEMPLATE_ASSERTIONS
from model import Finding
from read_cloudformation import read_api
from samtranslator.model.exceptions import InvalidDocumentException
from shared import ATTACH, AUTHORIZER_ARN, ROOT, check_api

ORIGIN = "https://app.example.com"


@dataclass
class Template:
    """A CloudFormation or SAM template with one API, in each of the ways it may be deployed."""

    name: str
    path: Path
    variants: dict[str, dict] = field(default_factory=lambda: {"": {}})
    function: str = AUTHORIZER_ARN
    realm: str = "api"

    def load(self) -> dict:
        return cloudformation.load(self.path)

    def check(self, document: dict, with_lint: bool = True) -> Iterator[Finding]:
        """Variant by variant, as they are asked for."""
        for label, parameters in self.variants.items():
            found = self.check_variant(document, self.parameters(document) | parameters, with_lint)
            suffix = f" ({label})" if label else ""
            yield from (Finding(each.assertion, each.where + suffix, each.what) for each in found)
            if any(each.assertion in ("transform", "lint") for each in found):
                break  # the other variants would say the same, at length

    def parameters(self, document: dict) -> dict:
        declared = document.get("Parameters", {})
        values = {"CorsOrigin": ORIGIN} if "CorsOrigin" in declared else {}
        for name, parameter in declared.items():
            if str(parameter.get("Default", "")).endswith("/authorizer-arn"):
                values[name] = AUTHORIZER_ARN  # what CloudFormation finds in the SSM parameter
        return values

    def check_variant(self, document: dict, parameters: dict, with_lint: bool) -> list[Finding]:
        try:
            transformed = cloudformation.transform(document, parameters)
        except InvalidDocumentException as error:
            return [Finding("transform", self.path.name, error.message + "; ".join(c.message for c in error.causes))]
        if with_lint and (faults := cloudformation.lint(transformed)):
            return [Finding("lint", self.path.name, fault) for fault in faults]
        resources = cloudformation.resources(transformed, parameters)
        return self.check_resources(resources, parameters)

    def check_resources(self, resources: dict, parameters: dict) -> list[Finding]:
        api = read_api(resources)
        if api is None:
            return [Finding("authorizer-on-every-method", self.path.name, "has no API")]
        return check_api(api, self.function, parameters.get("CorsOrigin", "*"), self.realm)


@dataclass
class GatepassTemplate(Template):
    """template.yaml: the same, and the stack beside the API."""

    function: str = "${AuthorizerFunction}"
    realm: str = "shop"

    def check(self, document: dict, with_lint: bool = True) -> Iterator[Finding]:
        yield from TEMPLATE_ASSERTIONS.run(document)
        yield from super().check(document, with_lint)

    def check_resources(self, resources: dict, parameters: dict) -> list[Finding]:
        findings = STACK_ASSERTIONS.run(resources, declared_variables())
        if parameters["ExampleApi"] == "true":
            findings += super().check_resources(resources, parameters)
        elif any(resource["Type"].startswith("AWS::ApiGateway") for resource in resources.values()):
            findings.append(Finding("example-api-on-request", self.path.name, "makes an API that nobody asked for"))
        return findings


def declared_variables() -> set[str]:
    """The GATEPASS_* names in the schema of src/config/config.ts."""
    names = set(re.findall(r"^  (GATEPASS_\w+): ", (ROOT / "src/config/config.ts").read_text(), re.MULTILINE))
    assert names, "src/config/config.ts declares no GATEPASS_* variable"
    return names


REALM = {"Issuer": "https://id.example.com/realms/main", "Audience": "my-api"}
EXAMPLE = REALM | {"ExampleApi": "true", "CorsOrigin": ORIGIN, "ChallengeRealm": "shop"}
GATEPASS = GatepassTemplate(
    "template.yaml",
    ROOT / "template.yaml",
    {
        "cached": EXAMPLE | {"AuthorizerTtl": 60},
        "uncached": EXAMPLE | {"AuthorizerTtl": 0},
        "without the example API": REALM | {"ExampleApi": "false"},
        "with the sync": REALM | {"ExampleApi": "false", "Sync": "true"},
        "in a VPC": REALM | {"ExampleApi": "false", "SubnetIds": ["subnet-1a"], "SecurityGroupIds": ["sg-1a"]},
    },
)

# The CDK's is what infra.mjs has synthesised.
CDK_TEMPLATE = ROOT / ".cache/check-infra/attach/cdk/cdk.out/my-api.template.json"
WITH_TEMPLATE = ("sam", "cloudformation", "http-api", "websocket")
EXAMPLES = [Template(name, ATTACH / name / "template.yaml") for name in WITH_TEMPLATE]
CDK = Template("cdk", CDK_TEMPLATE)
