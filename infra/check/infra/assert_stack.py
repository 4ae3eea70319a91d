"""What must hold of Gatepass's own stack: the function, its role, its table, its logs and alarm."""

from assertions import Assertions, Faults
from cloudformation import of_type

FUNCTION = "AuthorizerFunction"
TABLE = "Table"
SYNC = "SyncFunction"
SYNC_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:gatepass/sync-client-secret-??????"
TABLE_READS = {"dynamodb:BatchGetItem", "dynamodb:GetItem"}
TABLE_KEEPING = TABLE_READS | {"dynamodb:PutItem", "dynamodb:Scan", "dynamodb:UpdateItem"}
LOG_WRITES = {"logs:CreateLogStream", "logs:PutLogEvents"}
NETWORK_INTERFACES = "arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess"

STACK_ASSERTIONS = Assertions()


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


@STACK_ASSERTIONS.add("runtime-and-architecture", "The function runs on Node 24 and arm64.")
def _(resources: dict, _variables: set) -> Faults:
    function = resources[FUNCTION]["Properties"]
    if function.get("Runtime") != "nodejs24.x":
        yield FUNCTION, f"runs on {function.get('Runtime')}"
    if function.get("Architectures") != ["arm64"]:
        yield FUNCTION, f"runs on {function.get('Architectures')}"


@STACK_ASSERTIONS.add("timeout", "It has 8 s: a decision ends by 5, and HTTP APIs give up at 10.")
def _(resources: dict, _variables: set) -> Faults:
    timeout = resources[FUNCTION]["Properties"].get("Timeout")
    if timeout != 8:
        yield FUNCTION, f"has a timeout of {timeout}"


@STACK_ASSERTIONS.add("environment-complete", "It is given every variable of src/config/config.ts, and no other GATEPASS_*.")
def _(resources: dict, variables: set) -> Faults:
    given = set(resources[FUNCTION]["Properties"].get("Environment", {}).get("Variables", {}))
    for name in sorted(variables - given):
        yield FUNCTION, f"isn't given {name}"
    for name in sorted(given - variables):
        yield FUNCTION, f"is given {name}, which src/config/config.ts doesn't know"


@STACK_ASSERTIONS.add(
    "least-privilege",
    "The function's role reads items of its table, writes to its log, and nothing else, without wildcards.",
)
def _(resources: dict, _variables: set) -> Faults:
    allowed = {"${" + TABLE + ".Arn}": TABLE_READS, own_log_group(resources) + ".Arn}": LOG_WRITES}
    yield from beyond(resources, FUNCTION, allowed)
    attached = [
        name
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
        for name in of_type(resources, kind)
    ]
    for name in attached:
        yield name, "adds to the role from outside it"


@STACK_ASSERTIONS.add(
    "sync-least-privilege",
    "The sync's role keeps the accounts of the table, reads its one secret, writes to its log, and nothing else.",
)
def _(resources: dict, _variables: set) -> Faults:
    if SYNC in resources:
        allowed = {
            "${" + TABLE + ".Arn}": TABLE_KEEPING,
            "${SyncLogGroup.Arn}": LOG_WRITES,
            SYNC_SECRET: {"secretsmanager:GetSecretValue"},
        }
        yield from beyond(resources, SYNC, allowed)


def beyond(resources: dict, function: str, allowed: dict) -> Faults:
    """What a function's role may do that it needn't."""
    role_name = resources[function]["Properties"].get("Role", "").removeprefix("${").removesuffix(".Arn}")
    role = resources.get(role_name, {}).get("Properties")
    if role is None:
        yield function, f"has the role {role_name or 'that SAM makes'}"
        return
    for policy in role.get("Policies", []):
        for statement in as_list(policy["PolicyDocument"]["Statement"]):
            for resource in as_list(statement.get("Resource", [])):
                too_much = set(as_list(statement.get("Action", "*"))) - allowed.get(resource, set())
                if too_much and statement.get("Effect") == "Allow":
                    yield role_name, f"may {', '.join(sorted(too_much))} on {resource}"
    for policy in role.get("ManagedPolicyArns", []):
        if policy != NETWORK_INTERFACES:
            yield role_name, f"has {policy}"


@STACK_ASSERTIONS.add("role-for-lambda-alone", "Only Lambda may take that role on.")
def _(resources: dict, _variables: set) -> Faults:
    for name, role in of_type(resources, "AWS::IAM::Role").items():
        for statement in as_list(role["AssumeRolePolicyDocument"]["Statement"]):
            if statement.get("Principal") != {"Service": "lambda.amazonaws.com"}:
                yield name, f"may be taken on by {statement.get('Principal')}"


def own_log_group(resources: dict) -> str:
    """`${AuthorizerLogGroup`, without the end: a name and an ARN are the same log group."""
    return resources[FUNCTION]["Properties"].get("LoggingConfig", {}).get("LogGroup", "").removesuffix("}")


@STACK_ASSERTIONS.add("log-format-and-retention", "Logs are JSON, in a group of the stack, and each group forgets.")
def _(resources: dict, _variables: set) -> Faults:
    logging = resources[FUNCTION]["Properties"].get("LoggingConfig", {})
    if logging.get("LogFormat") != "JSON":
        yield FUNCTION, f"logs as {logging.get('LogFormat', 'text')}"
    groups = of_type(resources, "AWS::Logs::LogGroup")
    if own_log_group(resources).removeprefix("${") not in groups:
        yield FUNCTION, "logs to a group that isn't the stack's"
    for name, group in groups.items():
        if not group.get("RetentionInDays"):
            yield name, "keeps its lines for ever"


@STACK_ASSERTIONS.add("alarm-present", "An alarm tells of faults: the function's errors, and silence isn't one.")
def _(resources: dict, _variables: set) -> Faults:
    for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values():
        dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions", [])}
        if (
            (alarm.get("Namespace"), alarm.get("MetricName"), alarm.get("Statistic")) == ("AWS/Lambda", "Errors", "Sum")
            and dimensions == {"FunctionName": "${" + FUNCTION + "}"}
            and alarm.get("TreatMissingData") == "notBreaching"
        ):
            return
    yield "the stack", f"has no alarm on the sum of {FUNCTION}'s errors"


@STACK_ASSERTIONS.add(
    "table-protected",
    "The table is encrypted, can be restored, isn't deleted by accident, and drops what is past purgeAt.",
)
def _(resources: dict, _variables: set) -> Faults:
    table = resources[TABLE]
    properties = table["Properties"]
    wanted = {
        "TimeToLiveSpecification": {"AttributeName": "purgeAt", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {"SSEEnabled": True},
        "DeletionProtectionEnabled": True,
    }
    for name, value in wanted.items():
        if properties.get(name) != value:
            yield TABLE, f"has {properties.get(name)} for {name}, not {value}"
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if table.get(policy) != "Retain":
            yield TABLE, f"has {table.get(policy)} for {policy}, not Retain"
