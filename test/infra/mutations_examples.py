"""The mistakes that only one kind of example can make: Terraform's module, the import script, a written-out ARN."""

from breaker_terraform import TerraformModule


def responses(document: dict) -> dict:
    return TerraformModule(document).responses


def put(found: dict, name: str, value) -> None:
    found[name] = value


def remove(found: dict, name: str) -> None:
    del found[name]


SCRIPT_MUTATIONS = [
    (
        "a script that fails",
        "import-script",
        lambda d: put(d, "script", d["script"].replace("set -eu", "set -eu; exit 3")),
    ),
    (
        "a placeholder left in",
        "import-script",
        lambda d: put(d["document"]["info"], "title", "{{TITLE}}"),
    ),
    (
        "no deployment after an import over an API",
        "deployment-has-every-part",
        lambda d: put(d, "script", d["script"].replace("  api=$1", "  exit 0")),
    ),
]

SOURCE_MUTATIONS = [
    (
        "a partition written out",
        "partition-not-hard-coded",
        lambda d: put(d, "template.yaml", d["template.yaml"].replace("arn:${AWS::Partition}:", "arn:aws:")),
    ),
]

TERRAFORM_MUTATIONS = [
    ("one status for all", "gateway-responses-complete", lambda d: put(responses(d), "status_code", '"401"')),
    ("no bodies", "gateway-responses-complete", lambda d: remove(responses(d), "response_templates")),
    ("no headers", "gateway-responses-complete", lambda d: remove(responses(d), "response_parameters")),
    (
        "another file",
        "gateway-responses-complete",
        lambda d: put(d["locals"][0], "gateway_responses", '${yamldecode(file("responses.yaml"))}'),
    ),
    (
        "an undeclared resource",
        "references-resolve",
        lambda d: put(TerraformModule(d).authorizer, "rest_api_id", "${aws_api_gateway_rest_api.apy.id}"),
    ),
    ("a misspelt argument", "arguments-known", lambda d: put(TerraformModule(d).authorizer, "identity_sources", '""')),
]
