"""Ways to break an API that is separate CloudFormation resources. The names of the methods are the same in each
breaker_*.py; what a form has no words for is in its CANNOT, with the reason, so that nothing is left out by accident."""

from breaker import FAR_URI, HEADER, Responses


class Resources(Responses):
    """An API of separate CloudFormation resources: infra/attach/cloudformation, and what the CDK synthesises."""

    CANNOT = {}

    def __init__(self, resources: dict):
        self.resources = resources
        self.found = {}
        for resource in resources.values():
            if resource["Type"] == "AWS::ApiGateway::GatewayResponse":
                self.found[resource["Properties"]["ResponseType"]] = resource["Properties"]
        self.methods = self.of_type("AWS::ApiGateway::Method")
        (self.authorizer,) = self.of_type("AWS::ApiGateway::Authorizer")
        self.permission = next(
            permission
            for permission in self.of_type("AWS::Lambda::Permission")
            if "/authorizers/" in str(permission["SourceArn"])
        )

    def of_type(self, type_name: str) -> list[dict]:
        return [each["Properties"] for each in self.resources.values() if each["Type"] == type_name]

    def method(self, verb: str) -> dict:
        return next(method for method in self.methods if method["HttpMethod"] == verb)

    def remove(self, properties: dict):
        name = next(name for name, each in self.resources.items() if each.get("Properties") is properties)
        del self.resources[name]
        for resource in self.resources.values():
            if name in resource.get("DependsOn", []):
                resource["DependsOn"].remove(name)

    def rename_response(self, old: str, new: str):
        self.found[old]["ResponseType"] = new

    def remove_response(self, name: str):
        self.remove(self.found[name])

    def set_status(self, name: str, status: int):
        self.found[name]["StatusCode"] = str(status)

    def set_template(self, name: str, content_type: str, text: str):
        self.found[name]["ResponseTemplates"] = {content_type: text}

    def remove_templates(self, name: str):
        del self.found[name]["ResponseTemplates"]

    def remove_header(self, name: str, header: str):
        del self.found[name]["ResponseParameters"][HEADER + header]

    def set_header(self, name: str, header: str, value: str):
        self.found[name]["ResponseParameters"][HEADER + header] = value

    def guard_options(self):
        guarded = {name: self.method("ANY")[name] for name in ("AuthorizationType", "AuthorizerId")}
        self.method("OPTIONS").update(guarded)

    def remove_options(self):
        self.remove(self.method("OPTIONS"))

    def answer_without(self, header: str):
        (answer,) = self.method("OPTIONS")["Integration"]["IntegrationResponses"]
        del answer["ResponseParameters"][f"method.response.header.{header}"]

    def answer_headers(self, value: str):
        (answer,) = self.method("OPTIONS")["Integration"]["IntegrationResponses"]
        answer["ResponseParameters"]["method.response.header.Access-Control-Allow-Headers"] = f"'{value}'"

    def unguard_method(self):
        self.method("ANY")["AuthorizationType"] = "NONE"

    def guard_by_another(self):
        self.method("ANY")["AuthorizerId"] = "another"

    def set_identity(self, *headers: str):
        self.authorizer["IdentitySource"] = ", ".join(f"method.request.header.{header}" for header in headers)

    def remove_identity(self):
        del self.authorizer["IdentitySource"]

    def set_ttl(self, ttl: int):
        self.authorizer["AuthorizerResultTtlInSeconds"] = ttl

    def remove_ttl(self):
        del self.authorizer["AuthorizerResultTtlInSeconds"]

    def make_token(self):
        self.authorizer["Type"] = "TOKEN"

    def call_another(self):
        self.authorizer["AuthorizerUri"] = FAR_URI

    def remove_permission(self):
        self.remove(self.permission)

    def set_principal(self, principal: str):
        self.permission["Principal"] = principal

    def widen_permission(self):
        del self.permission["SourceArn"]

    def permit_other_api(self):
        self.permission["SourceArn"] = "arn:aws:execute-api:eu-west-1:123456789012:*/authorizers/*"

    def forget_in_deployment(self):
        for resource in self.resources.values():
            if resource["Type"] == "AWS::ApiGateway::Deployment":
                resource["DependsOn"].pop()
