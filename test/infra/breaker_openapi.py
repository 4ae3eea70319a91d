"""Ways to break an API that is an OpenAPI document. The names of the methods are the same in each breaker_*.py;
what a form has no words for is in its CANNOT, with the reason, so that nothing is left out by accident."""

from breaker import ANY, FAR_FUNCTION, FAR_URI, Responses


class OpenApiBody(Responses):
    """A document with API Gateway's extensions, and the permission's properties beside it."""

    CANNOT = {"forget_in_deployment": "SAM makes a deployment of the whole document"}

    def __init__(self, body: dict, permission: dict):
        super().__init__(body["x-amazon-apigateway-gateway-responses"])
        self.paths = body["paths"]
        self.route = next(route for route in self.paths.values() if ANY in route)
        self.authorizer = body["components"]["securitySchemes"]["gatepass"]["x-amazon-apigateway-authorizer"]
        self.permission = permission

    def guard_options(self):
        self.route["options"]["security"] = [{"gatepass": []}]

    def remove_options(self):
        del self.route["options"]

    def answer_without(self, header: str):
        answer = self.route["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
        del answer["responseParameters"][f"method.response.header.{header}"]

    def answer_headers(self, value: str):
        answer = self.route["options"]["x-amazon-apigateway-integration"]["responses"]["default"]
        answer["responseParameters"]["method.response.header.Access-Control-Allow-Headers"] = f"'{value}'"

    def unguard_method(self):
        self.route[ANY]["security"] = []

    def guard_by_another(self):
        self.route[ANY]["security"] = [{"another": []}]

    def set_identity(self, *headers: str):
        self.authorizer["identitySource"] = ", ".join(f"method.request.header.{header}" for header in headers)

    def remove_identity(self):
        del self.authorizer["identitySource"]

    def set_ttl(self, ttl: int):
        self.authorizer["authorizerResultTtlInSeconds"] = ttl

    def remove_ttl(self):
        del self.authorizer["authorizerResultTtlInSeconds"]

    def make_token(self):
        self.authorizer["type"] = "token"

    def call_another(self):
        self.authorizer["authorizerUri"] = FAR_URI

    def remove_permission(self):
        self.permission["FunctionName"] = FAR_FUNCTION

    def set_principal(self, principal: str):
        self.permission["Principal"] = principal

    def widen_permission(self):
        del self.permission["SourceArn"]

    def permit_other_api(self):
        self.permission["SourceArn"] = "arn:aws:execute-api:eu-west-1:123456789012:*/authorizers/*"


class OpenApiScript(OpenApiBody):
    """infra/attach/openapi: the permission and the deployment are lines of import.sh."""

    CANNOT = {}

    def __init__(self, loaded: dict):
        super().__init__(loaded["document"], {})
        self.loaded = loaded

    def replace(self, old: str, new: str):
        assert old in self.loaded["script"], f"import.sh has no {old}"
        self.loaded["script"] = self.loaded["script"].replace(old, new)

    def remove_permission(self):
        self.replace("aws lambda add-permission", ": aws lambda add-permission")

    def set_principal(self, principal: str):
        self.replace("--principal apigateway.amazonaws.com", f"--principal '{principal}'")

    def widen_permission(self):
        self.replace('--source-arn "arn:$partition:execute-api:$region:$account:$api/authorizers/*"', "")

    def permit_other_api(self):
        self.replace("$api/authorizers/*", "*/authorizers/*")

    def forget_in_deployment(self):
        self.replace("aws apigateway create-deployment", ": aws apigateway create-deployment")
