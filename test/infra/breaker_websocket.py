"""Ways to break infra/attach/websocket. The names of the methods are the same in each breaker_*.py; what a form has no
words for is in its CANNOT, with the reason, so that nothing is left out by accident."""

from breaker import FAR_URI

NO_PREFLIGHTS = "WebSocket handshakes have no preflights"
ONLY_HTTP = "only HTTP APIs choose it"


class WebSocketApi:
    CANNOT = {
        "guard_options": NO_PREFLIGHTS,
        "remove_options": NO_PREFLIGHTS,
        "answer_without": NO_PREFLIGHTS,
        "answer_headers": NO_PREFLIGHTS,
        "remove_ttl": "it has none, as it should",
        "forget_in_deployment": "its stage deploys each change",
        "change_payload": ONLY_HTTP,
        "take_simple_responses": ONLY_HTTP,
    }

    def __init__(self, template: dict):
        self.resources = template["Resources"]
        self.route = self.resources["Connect"]["Properties"]
        self.authorizer = self.resources["Authorizer"]["Properties"]
        self.permission = self.resources["ApiMayCallAuthorizer"]["Properties"]

    def unguard_method(self):
        self.route["AuthorizationType"] = "NONE"

    def guard_by_another(self):
        self.route["AuthorizerId"] = "another"

    def set_identity(self, *headers: str):
        self.authorizer["IdentitySource"] = [f"route.request.header.{header}" for header in headers]

    def remove_identity(self):
        del self.authorizer["IdentitySource"]

    def set_ttl(self, ttl: int):
        self.authorizer["AuthorizerResultTtlInSeconds"] = ttl

    def make_token(self):
        self.authorizer["AuthorizerType"] = "JWT"

    def call_another(self):
        self.authorizer["AuthorizerUri"] = FAR_URI

    def remove_permission(self):
        del self.resources["ApiMayCallAuthorizer"]

    def set_principal(self, principal: str):
        self.permission["Principal"] = principal

    def widen_permission(self):
        del self.permission["SourceArn"]

    def permit_other_api(self):
        self.permission["SourceArn"] = "arn:aws:execute-api:eu-west-1:123456789012:*/authorizers/*"
