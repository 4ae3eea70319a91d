"""The mistakes that are tried on template.yaml beside its API, and those that SAM or the linter must tell of."""


def function(template: dict) -> dict:
    return template["Resources"]["AuthorizerFunction"]["Properties"]


def table(template: dict) -> dict:
    return template["Resources"]["Table"]


def role(template: dict) -> dict:
    return template["Resources"]["AuthorizerRole"]["Properties"]


def statement(template: dict, number: int) -> dict:
    return role(template)["Policies"][0]["PolicyDocument"]["Statement"][number]


def sync_statement(template: dict, number: int) -> dict:
    policy = template["Resources"]["SyncRole"]["Properties"]["Policies"][0]
    return policy["PolicyDocument"]["Statement"][number]


def variables(template: dict) -> dict:
    return function(template)["Environment"]["Variables"]


def logging(template: dict) -> dict:
    return function(template)["LoggingConfig"]


def alarm(template: dict) -> dict:
    return template["Resources"]["FaultAlarm"]["Properties"]


def parameter(template: dict, name: str) -> dict:
    return template["Parameters"][name]


def put(found: dict, name: str, value) -> None:
    found[name] = value


def remove(found: dict, name: str) -> None:
    del found[name]


STACK_MUTATIONS = [
    ("an old runtime", "runtime-and-architecture", lambda t: put(function(t), "Runtime", "nodejs22.x")),
    ("another architecture", "runtime-and-architecture", lambda t: put(function(t), "Architectures", ["x86_64"])),
    ("a timeout of 30 s", "timeout", lambda t: put(function(t), "Timeout", 30)),
    ("SAM's default timeout", "timeout", lambda t: remove(function(t), "Timeout")),
    ("a variable left out", "environment-complete", lambda t: remove(variables(t), "GATEPASS_CLIENTS")),
    ("a variable misspelt", "environment-complete", lambda t: put(variables(t), "GATEPASS_ISSUERS", "x")),
    ("any table", "least-privilege", lambda t: put(statement(t, 0), "Resource", "*")),
    ("any action", "least-privilege", lambda t: put(statement(t, 0), "Action", "dynamodb:*")),
    ("writes to the table", "least-privilege", lambda t: statement(t, 0)["Action"].append("dynamodb:PutItem")),
    (
        "the table's indexes",
        "least-privilege",
        lambda t: put(statement(t, 0), "Resource", [{"Fn::GetAtt": ["Table", "Arn"]}, {"Fn::Sub": "${Table.Arn}/*"}]),
    ),
    ("another log", "least-privilege", lambda t: put(statement(t, 1), "Resource", "*")),
    (
        "a managed policy",
        "least-privilege",
        lambda t: role(t)["ManagedPolicyArns"].append(
            {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"}
        ),
    ),
    (
        "a sync that may do anything with the table",
        "sync-least-privilege",
        lambda t: put(sync_statement(t, 0), "Action", "dynamodb:*"),
    ),
    ("a sync that may read any secret", "sync-least-privilege", lambda t: put(sync_statement(t, 3), "Resource", "*")),
    ("SAM's own role", "least-privilege", lambda t: remove(function(t), "Role")),
    (
        "a role for the account",
        "role-for-lambda-alone",
        lambda t: put(role(t)["AssumeRolePolicyDocument"]["Statement"][0], "Principal", {"AWS": "123456789012"}),
    ),
    ("logs as text", "log-format-and-retention", lambda t: put(logging(t), "LogFormat", "Text")),
    (
        "logs kept for ever",
        "log-format-and-retention",
        lambda t: remove(t["Resources"]["AuthorizerLogGroup"]["Properties"], "RetentionInDays"),
    ),
    (
        "a log group of another's",
        "log-format-and-retention",
        lambda t: put(logging(t), "LogGroup", "/aws/lambda/other"),
    ),
    ("no alarm", "alarm-present", lambda t: remove(t["Resources"], "FaultAlarm")),
    ("an alarm on another metric", "alarm-present", lambda t: put(alarm(t), "MetricName", "Throttles")),
    ("an alarm that silence sets off", "alarm-present", lambda t: put(alarm(t), "TreatMissingData", "breaching")),
    (
        "a table that keeps everything",
        "table-protected",
        lambda t: remove(table(t)["Properties"], "TimeToLiveSpecification"),
    ),
    (
        "another TTL attribute",
        "table-protected",
        lambda t: put(table(t)["Properties"]["TimeToLiveSpecification"], "AttributeName", "expiresAt"),
    ),
    (
        "a table that can't be restored",
        "table-protected",
        lambda t: remove(table(t)["Properties"], "PointInTimeRecoverySpecification"),
    ),
    ("a table with AWS's own key", "table-protected", lambda t: remove(table(t)["Properties"], "SSESpecification")),
    (
        "a table that may be deleted",
        "table-protected",
        lambda t: put(table(t)["Properties"], "DeletionProtectionEnabled", False),
    ),
    ("a table that goes with the stack", "table-protected", lambda t: put(table(t), "DeletionPolicy", "Delete")),
    ("a table lost when replaced", "table-protected", lambda t: remove(table(t), "UpdateReplacePolicy")),
    ("any audience by default", "audience-without-default", lambda t: put(parameter(t, "Audience"), "Default", "*")),
    (
        "a parameter that takes anything",
        "parameters-bounded",
        lambda t: remove(parameter(t, "KeyPrefix"), "AllowedPattern"),
    ),
    (
        "a pattern that takes http",
        "parameters-refuse-mistakes",
        lambda t: put(parameter(t, "Issuer"), "AllowedPattern", "^https?://.+$"),
    ),
    (
        "a pattern that refuses any audience",
        "parameters-refuse-mistakes",
        lambda t: put(parameter(t, "Audience"), "AllowedPattern", r"^[\w,-]+$"),
    ),
    ("a TTL up to a day", "ttl-parameter-bounded", lambda t: put(parameter(t, "AuthorizerTtl"), "MaxValue", 86400)),
    ("no output of the ARN", "outputs-present", lambda t: remove(t["Outputs"], "AuthorizerArn")),
    ("no export of the ARN", "outputs-present", lambda t: remove(t["Outputs"]["AuthorizerArn"], "Export")),
    (
        "the ARN in another place",
        "outputs-present",
        lambda t: put(t["Resources"]["AuthorizerArnParameter"]["Properties"], "Name", "/gatepass/arn"),
    ),
    (
        "an example API that nobody asked for",
        "example-api-on-request",
        lambda t: put(t["Conditions"], "WithExampleApi", {"Fn::Equals": ["", ""]}),
    ),
]

# On what CloudFormation gets: SAM's own validation passes the first three.
LINTED_MUTATIONS = {
    "template.yaml": [
        ("an undefined !Ref", "lint", lambda t: put(variables(t), "GATEPASS_TABLE", {"Ref": "Tabel"})),
        ("an undefined !GetAtt", "lint", lambda t: put(function(t), "Role", {"Fn::GetAtt": ["AuthorizerRole", "Arm"]})),
        ("a runtime that isn't there", "lint", lambda t: put(function(t), "Runtime", "nodejs99.x")),
        ("a misspelt property", "lint", lambda t: put(table(t)["Properties"], "TimeToLive", {})),
    ],
    "sam": [
        (
            "an undefined !Ref",
            "lint",
            lambda t: put(t["Resources"]["Backend"]["Properties"]["Environment"]["Variables"], "X", {"Ref": "Nothing"}),
        ),
        (
            "an undefined default authorizer",
            "transform",
            lambda t: put(t["Resources"]["Api"]["Properties"]["Auth"], "DefaultAuthorizer", "Gatepas"),
        ),
        (
            "no identity source",
            "transform",
            lambda t: remove(t["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"]["Gatepass"], "Identity"),
        ),
    ],
    "http-api": [
        (
            "no payload version",
            "transform",
            lambda t: remove(
                t["Resources"]["Api"]["Properties"]["Auth"]["Authorizers"]["Gatepass"], "AuthorizerPayloadFormatVersion"
            ),
        ),
    ],
    "cloudformation": [
        (
            "an undefined !Ref",
            "lint",
            lambda t: put(t["Resources"]["EveryMethod"]["Properties"], "AuthorizerId", {"Ref": "Authoriser"}),
        ),
    ],
    "websocket": [
        (
            "an undefined !Sub",
            "lint",
            lambda t: put(t["Resources"]["Connect"]["Properties"], "Target", {"Fn::Sub": "integrations/${Nothing}"}),
        ),
    ],
}
