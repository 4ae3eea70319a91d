"""What the targets share: where things are, the gateway responses that all quote, and what is asked of every API."""

from pathlib import Path

import yaml
from assert_api import API_ASSERTIONS
from assert_gateway_responses import RESPONSE_ASSERTIONS, missing_authorization
from model import Api, Finding, GatewayResponse, gateway_response

ROOT = Path(__file__).resolve().parents[3]
ATTACH = ROOT / "infra/attach"
AUTHORIZER_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:gatepass-AuthorizerFunction"


def shared_responses(document: dict, origin: str = "*", realm: str = "api") -> dict[str, GatewayResponse]:
    text = yaml.safe_dump(document).replace("'''*'''", f"'''{origin}'''").replace('realm="api"', f'realm="{realm}"')
    return {name: gateway_response(response) for name, response in yaml.safe_load(text).items()}


def load_shared_responses() -> dict:
    return yaml.safe_load((ATTACH / "gateway-responses.yaml").read_text())


def check_api(api: Api, function: str, origin: str, realm: str) -> list[Finding]:
    findings = API_ASSERTIONS.run(api, function)
    if api.kind == "REST":
        findings += check_responses(api.gateway_responses, shared_responses(load_shared_responses(), origin, realm))
    return findings


def check_responses(responses: dict, expected: dict) -> list[Finding]:
    return RESPONSE_ASSERTIONS.run(responses, expected, missing_authorization(ROOT / "src/decision.ts"))


class Sources:
    """The files as they are written."""

    name = "sources"

    def load(self) -> dict[str, str]:
        attached = [path for path in ATTACH.glob("*/*") if path.suffix in (".yaml", ".ts", ".tf", ".sh")]
        return {str(path.relative_to(ROOT)): path.read_text() for path in (ROOT / "template.yaml", *attached)}

    def check(self, document: dict[str, str], with_lint: bool = True) -> list[Finding]:
        return [
            Finding("partition-not-hard-coded", f"{path}:{number}", line.strip())
            for path, text in document.items()
            for number, line in enumerate(text.splitlines(), 1)
            if "arn:aws:" in line
        ]


class SharedResponses:
    """The file itself."""

    name = "gateway responses"
    path = ATTACH / "gateway-responses.yaml"

    def load(self) -> dict:
        return load_shared_responses()

    def check(self, document: dict, with_lint: bool = True) -> list[Finding]:
        responses = shared_responses(document)
        return check_responses(responses, responses)
