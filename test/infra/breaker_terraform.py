"""Ways to break infra/attach/terraform, as python-hcl2 parses it: strings keep their quotes. The names of the methods
are the same in each breaker_*.py; what a form has no words for is in its CANNOT, with the reason."""

from breaker import FAR_URI

ONLY_HTTP = "only HTTP APIs choose it"


class TerraformModule:
    CANNOT = {"change_payload": ONLY_HTTP, "take_simple_responses": ONLY_HTTP}

    def __init__(self, document: dict):
        self.document = document
        self.authorizer = self.find("aws_api_gateway_authorizer", "gatepass")
        self.permission = self.find("aws_lambda_permission", "api_may_call_authorizer")
        self.responses = self.find("aws_api_gateway_gateway_response", "all")

    def find(self, type_name: str, name: str) -> dict:
        return next(
            named[f'"{name}"']
            for block in self.document["resource"]
            for kind, named in block.items()
            if kind == f'"{type_name}"' and f'"{name}"' in named
        )

    def remove(self, type_name: str, name: str):
        self.document["resource"] = [
            block for block in self.document["resource"] if f'"{name}"' not in block.get(f'"{type_name}"', {})
        ]

    def guard_options(self):
        guarded = self.find("aws_api_gateway_method", "every_method")
        preflight = self.find("aws_api_gateway_method", "preflight")
        preflight.update({name: guarded[name] for name in ("authorization", "authorizer_id")})

    def remove_options(self):
        self.remove("aws_api_gateway_method", "preflight")

    def answer_without(self, header: str):
        answer = self.find("aws_api_gateway_integration_response", "preflight")
        del answer["response_parameters"][f'"method.response.header.{header}"']

    def answer_headers(self, value: str):
        answer = self.find("aws_api_gateway_integration_response", "preflight")
        answer["response_parameters"]['"method.response.header.Access-Control-Allow-Headers"'] = f"\"'{value}'\""

    def unguard_method(self):
        self.find("aws_api_gateway_method", "every_method")["authorization"] = '"NONE"'

    def guard_by_another(self):
        self.find("aws_api_gateway_method", "every_method")["authorizer_id"] = "${aws_api_gateway_authorizer.other.id}"

    def set_identity(self, *headers: str):
        sources = ", ".join(f"method.request.header.{header}" for header in headers)
        self.authorizer["identity_source"] = f'"{sources}"'

    def remove_identity(self):
        self.authorizer["identity_source"] = '""'

    def set_ttl(self, ttl: int):
        self.authorizer["authorizer_result_ttl_in_seconds"] = ttl

    def remove_ttl(self):
        del self.authorizer["authorizer_result_ttl_in_seconds"]

    def make_token(self):
        del self.authorizer["type"]

    def call_another(self):
        self.authorizer["authorizer_uri"] = f'"{FAR_URI}"'

    def remove_permission(self):
        self.remove("aws_lambda_permission", "api_may_call_authorizer")

    def set_principal(self, principal: str):
        self.permission["principal"] = f'"{principal}"'

    def widen_permission(self):
        del self.permission["source_arn"]

    def permit_other_api(self):
        self.permission["source_arn"] = '"arn:aws:execute-api:eu-west-1:123456789012:*/authorizers/*"'

    def forget_in_deployment(self):
        triggers = self.find("aws_api_gateway_deployment", "api")["triggers"]
        triggers["changed"] = triggers["changed"].replace("aws_api_gateway_gateway_response.all", "")
