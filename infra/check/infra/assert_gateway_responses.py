"""What must hold of the gateway responses of every REST API, and of the one file that they are quoted from."""

import json
import re
from pathlib import Path

from assertions import Assertions, Faults
from model import GatewayResponse

HEADER = "gatewayresponse.header."
REFUSALS = ("ACCESS_DENIED", "UNAUTHORIZED")
FAULTS = ("AUTHORIZER_FAILURE", "AUTHORIZER_CONFIGURATION_ERROR")
DEFAULTS = ("DEFAULT_4XX", "DEFAULT_5XX")

# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
KNOWN_TYPES = {
    *REFUSALS,
    *FAULTS,
    *DEFAULTS,
    "API_CONFIGURATION_ERROR",
    "BAD_REQUEST_BODY",
    "BAD_REQUEST_PARAMETERS",
    "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE",
    "INTEGRATION_TIMEOUT",
    "INVALID_API_KEY",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "QUOTA_EXCEEDED",
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "THROTTLED",
    "UNSUPPORTED_MEDIA_TYPE",
    "WAF_FILTERED",
}
DENIAL = {"error": "$context.authorizer.denyError", "message": "$context.authorizer.denyMessage"}
FAULT = {"error": "unavailable", "message": "Authorization is temporarily unavailable"}

Responses = dict[str, GatewayResponse]
RESPONSE_ASSERTIONS = Assertions()


def missing_authorization(decision_ts: Path) -> dict[str, str]:
    """The answer to a request without credentials, as the code has it."""
    match = re.search(r"missing_authorization: '([^']+)'", decision_ts.read_text())
    assert match, f"{decision_ts} has no public answer missing_authorization"
    return {"error": "missing_authorization", "message": match[1]}


@RESPONSE_ASSERTIONS.add("gateway-responses-complete", "All six are there: two refusals, two faults, two defaults.")
def _(responses: Responses, _expected: Responses, _missing: dict) -> Faults:
    for name in (*REFUSALS, *FAULTS, *DEFAULTS):
        if name not in responses:
            yield name, "is missing"


@RESPONSE_ASSERTIONS.add(
    "gateway-response-types-known", "Each has a name that API Gateway knows; another would never be used."
)
def _(responses: Responses, _expected: Responses, _missing: dict) -> Faults:
    for name in responses:
        if name not in KNOWN_TYPES:
            yield name, "isn't a gateway response type"


@RESPONSE_ASSERTIONS.add("gateway-response-statuses", "Refusals are 401, faults 503, and the defaults set none.")
def _(responses: Responses, _expected: Responses, _missing: dict) -> Faults:
    wanted = dict.fromkeys(REFUSALS, "401") | dict.fromkeys(FAULTS, "503") | dict.fromkeys(DEFAULTS, None)
    for name, response in responses.items():
        if name in wanted and response.status != wanted[name]:
            yield name, f"has the status {response.status}, not {wanted[name]}"


@RESPONSE_ASSERTIONS.add(
    "gateway-response-bodies",
    "A refusal answers with what the authorizer says, a request without credentials and a fault with fixed bodies.",
)
def _(responses: Responses, _expected: Responses, missing: dict) -> Faults:
    wanted = {"ACCESS_DENIED": DENIAL, "UNAUTHORIZED": missing} | dict.fromkeys(FAULTS, FAULT)
    for name in wanted.keys() & responses.keys():
        templates = responses[name].templates
        if list(templates) != ["application/json"]:
            yield name, f"has templates for {', '.join(templates) or 'nothing'}, not for application/json alone"
        elif parse_json(templates["application/json"]) != wanted[name]:
            yield name, f"answers {templates['application/json']}, not {json.dumps(wanted[name])}"


def parse_json(text: str):
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


@RESPONSE_ASSERTIONS.add(
    "gateway-response-headers",
    "All let pages read them; 401 has a challenge and 503 a Retry-After, and pages may read those too.",
)
def _(responses: Responses, _expected: Responses, _missing: dict) -> Faults:
    for name, response in responses.items():
        wanted = ["Access-Control-Allow-Origin"]
        if name in REFUSALS:
            wanted += ["WWW-Authenticate", "Access-Control-Expose-Headers"]
        if name in FAULTS:
            wanted += ["Retry-After", "Access-Control-Expose-Headers"]
        for header in wanted:
            if not re.fullmatch(r"'.+'", response.headers.get(HEADER + header, "")):
                yield name, f"has no fixed value for {header} in single quotes"
        challenge = response.headers.get(HEADER + "WWW-Authenticate")
        if challenge and not re.fullmatch(r"'Bearer realm=\"[^\"]+\"'", challenge):
            yield name, f"challenges with {challenge}"
        for header in response.headers:
            if not header.startswith(HEADER):
                yield name, f"sets {header}, which isn't a header of a gateway response"


@RESPONSE_ASSERTIONS.add(
    "gateway-responses-as-shared", "They are those of infra/attach/gateway-responses.yaml, with the stack's origin."
)
def _(responses: Responses, expected: Responses, _missing: dict) -> Faults:
    for name in sorted(responses.keys() | expected.keys()):
        if responses.get(name) != expected.get(name):
            yield name, f"is {responses.get(name)}, not {expected.get(name)}"
