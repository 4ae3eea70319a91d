"""What must hold of template.yaml as it is written: its parameters and outputs, which the stack's users see."""

import re

from assertions import Assertions, Faults

# What a deployment may be given, and what it must refuse before anything is made.
ACCEPTED_AND_REFUSED = {
    "Issuer": (
        ["https://id.example.com/realms/main", "https://id.example.com:8443/auth/realms/a-b"],
        ["", "https://id.example.com/realms/main/", "http://id.example.com/realms/main", "https://u@id.example.com/r"],
    ),
    "Audience": (["*", "my-api", "my-api,other", "my-api, other"], ["", "my-api,", ",my-api", "*,my-api", "a b"]),
    "Clients": (["*", "my-web"], ["", "my-web,,my-cli"]),
    "JwksUri": (["", "https://keycloak.internal/certs"], ["http://keycloak.internal/certs"]),
    "KeyPrefix": (["gp", "acme2"], ["", "Gp", "gp_", "2gp"]),
    "KeyEnvironment": (["live", "test1"], ["", "Live", "live_1"]),
    "ImportedPrefixes": (["", "*", "sk_,ch_"], ["sk_,", "*,sk_"]),
    "CorsOrigin": (["*", "https://app.example.com", "http://localhost:5173"], ["", "https://a.example.com/", "*.a"]),
    "ChallengeRealm": (["api", "my api"], ["", 'a"b', "a'b"]),
    "AlarmTopicArn": (["", "arn:aws:sns:eu-west-1:123456789012:faults"], ["faults", "arn:aws:sqs:eu-west-1:1:a"]),
}
WANTED_OUTPUTS = {
    "AuthorizerArn": "AuthorizerFunction.Arn",
    "AuthorizerArnParameter": "AuthorizerArnParameter",
    "AuthorizerLogGroup": "AuthorizerLogGroup",
    "TableName": "Table",
    "ExampleApiUrl": "ExampleApiGateway",
}

TEMPLATE_ASSERTIONS = Assertions()


@TEMPLATE_ASSERTIONS.add("audience-without-default", "Issuer and audience have no default: who may call is said.")
def _(template: dict) -> Faults:
    for name in ("Issuer", "Audience"):
        if "Default" in template["Parameters"].get(name, {"Default": None}):
            yield name, "has a default, or isn't a parameter"


@TEMPLATE_ASSERTIONS.add("parameters-bounded", "Every parameter says what it takes: a pattern, a list or a range.")
def _(template: dict) -> Faults:
    for name, parameter in template["Parameters"].items():
        is_range = "MinValue" in parameter and "MaxValue" in parameter
        if not (is_range or "AllowedPattern" in parameter or "AllowedValues" in parameter):
            yield name, "takes anything"
        if "AllowedPattern" in parameter and "ConstraintDescription" not in parameter:
            yield name, "refuses values without saying what it wants"


@TEMPLATE_ASSERTIONS.add("parameters-refuse-mistakes", "Patterns take good values and refuse mistaken ones.")
def _(template: dict) -> Faults:
    for name, (accepted, refused) in ACCEPTED_AND_REFUSED.items():
        pattern = template["Parameters"].get(name, {}).get("AllowedPattern", "")
        for value in accepted:
            if not re.fullmatch(pattern, value):
                yield name, f"refuses {value!r}"
        for value in refused:
            if re.fullmatch(pattern, value):
                yield name, f"takes {value!r}"


@TEMPLATE_ASSERTIONS.add("ttl-parameter-bounded", "AuthorizerTtl is 60 s unless said, and at most 3600.")
def _(template: dict) -> Faults:
    parameter = template["Parameters"].get("AuthorizerTtl", {})
    found = tuple(parameter.get(name) for name in ("Default", "MinValue", "MaxValue"))
    if found != (60, 0, 3600):
        yield "AuthorizerTtl", f"is {found}, not (60, 0, 3600)"


@TEMPLATE_ASSERTIONS.add("outputs-present", "Other stacks find the authorizer: by output, export and parameter.")
def _(template: dict) -> Faults:
    outputs = template.get("Outputs", {})
    for name, reference in WANTED_OUTPUTS.items():
        value = str(outputs.get(name, {}).get("Value"))
        if reference.split(".")[0] not in value:
            yield name, f"is {value}, which doesn't tell of {reference}"
    if "Export" not in outputs.get("AuthorizerArn", {}):
        yield "AuthorizerArn", "isn't exported"
    parameter = template["Resources"].get("AuthorizerArnParameter", {}).get("Properties", {})
    if parameter.get("Name") != {"Fn::Sub": "/${AWS::StackName}/authorizer-arn"}:
        yield (
            "AuthorizerArnParameter",
            f"is named {parameter.get('Name')}: examples read /<stack>/authorizer-arn",
        )
