"""What the breakers share: each breaks a copy of an API's document, in the form that it is written in."""

ANY = "x-amazon-apigateway-any-method"
HEADER = "gatewayresponse.header."
FAR_FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:another"
FAR_URI = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{FAR_FUNCTION}/invocations"


class Responses:
    """The gateway responses as a map from type to `x-amazon-apigateway-gateway-responses` entry."""

    def __init__(self, responses: dict):
        self.responses = responses

    def rename_response(self, old: str, new: str):
        self.responses[new] = self.responses.pop(old)

    def remove_response(self, name: str):
        del self.responses[name]

    def set_status(self, name: str, status: int):
        self.responses[name]["statusCode"] = status

    def set_template(self, name: str, content_type: str, text: str):
        self.responses[name]["responseTemplates"] = {content_type: text}

    def remove_templates(self, name: str):
        del self.responses[name]["responseTemplates"]

    def remove_header(self, name: str, header: str):
        del self.responses[name]["responseParameters"][HEADER + header]

    def set_header(self, name: str, header: str, value: str):
        self.responses[name]["responseParameters"][HEADER + header] = value
