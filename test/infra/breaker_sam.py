"""Ways to break an API that SAM makes. The names of the methods are the same in each breaker_*.py; what a form has no
words for is in its CANNOT, with the reason, so that nothing is left out by accident."""

from breaker import FAR_FUNCTION, Responses

SAM_REFUSES = "SAM itself refuses it, which is tried apart"
SAM_WRITES_IT = "SAM writes it"


class SamApi(Responses):
    CANNOT = {
        "guard_by_another": SAM_REFUSES,
        "remove_identity": SAM_REFUSES,
        "set_principal": SAM_WRITES_IT,
        "widen_permission": SAM_WRITES_IT,
        "permit_other_api": SAM_WRITES_IT,
        "forget_in_deployment": SAM_WRITES_IT,
        "change_payload": "only HTTP APIs choose one",
        "take_simple_responses": "only HTTP APIs take them",
    }

    def __init__(self, template: dict):
        self.api = template["Resources"]["Api"]["Properties"]
        self.authorizer = self.api["Auth"]["Authorizers"]["Gatepass"]
        self.events = template["Resources"]["Backend"]["Properties"]["Events"]
        super().__init__(self.api.get("GatewayResponses", {}))

    def set_status(self, name: str, status: int):
        self.responses[name]["StatusCode"] = status

    def set_template(self, name: str, content_type: str, text: str):
        self.responses[name]["ResponseTemplates"] = {content_type: text}

    def remove_templates(self, name: str):
        del self.responses[name]["ResponseTemplates"]

    def remove_header(self, name: str, header: str):
        del self.responses[name]["ResponseParameters"]["Headers"][header]

    def set_header(self, name: str, header: str, value: str):
        self.responses[name]["ResponseParameters"]["Headers"][header] = value

    def guard_options(self):
        del self.api["Auth"]["AddDefaultAuthorizerToCorsPreflight"]

    def remove_options(self):
        del self.api["Cors"]

    def answer_without(self, header: str):
        del self.api["Cors"][header.removeprefix("Access-Control-").replace("-", "")]

    def answer_headers(self, value: str):
        self.api["Cors"]["AllowHeaders"] = f"'{value}'"

    def unguard_method(self):
        self.events["EveryRoute"]["Properties"]["Auth"] = {"Authorizer": "NONE"}

    def set_identity(self, *headers: str):
        self.authorizer["Identity"]["Headers"] = list(headers)

    def set_ttl(self, ttl: int):
        self.authorizer["Identity"]["ReauthorizeEvery"] = ttl

    def remove_ttl(self):
        del self.authorizer["Identity"]["ReauthorizeEvery"]

    def make_token(self):
        self.authorizer["FunctionPayloadType"] = "TOKEN"

    def call_another(self):
        self.authorizer["FunctionArn"] = FAR_FUNCTION

    def remove_permission(self):
        self.authorizer["DisableFunctionDefaultPermissions"] = True


class SamHttpApi(SamApi):
    CANNOT = {
        name: reason
        for name, reason in SamApi.CANNOT.items()
        if name not in ("change_payload", "take_simple_responses", "remove_identity")
    } | {"make_token": "HTTP APIs have no TOKEN authorizers"}

    def guard_options(self):
        self.events["Preflight"]["Properties"]["Auth"] = {"Authorizer": "Gatepass"}

    def remove_options(self):
        del self.events["Preflight"]

    def answer_without(self, header: str):
        del self.api["CorsConfiguration"][header.removeprefix("Access-Control-").replace("-", "")]

    def answer_headers(self, value: str):
        self.api["CorsConfiguration"]["AllowHeaders"] = [value]

    def remove_identity(self):
        del self.authorizer["Identity"]["Headers"]

    def remove_permission(self):
        self.authorizer["EnableFunctionDefaultPermissions"] = False

    def change_payload(self, version: str):
        self.authorizer["AuthorizerPayloadFormatVersion"] = version

    def take_simple_responses(self):
        self.authorizer["EnableSimpleResponses"] = True
