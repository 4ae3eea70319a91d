"""Reads an API from an OpenAPI document with API Gateway's extensions, version 2.0 or 3.0."""

from model import Authorizer, GatewayResponse, Method, gateway_response

ANY = "x-amazon-apigateway-any-method"
VERBS = {"get", "head", "post", "put", "patch", "delete", "options", ANY}
PREFLIGHT_HEADER = "method.response.header."


def methods(body: dict) -> list[Method]:
    return [
        read_method(path, verb, operation)
        for path, item in body.get("paths", {}).items()
        for verb, operation in item.items()
        if verb in VERBS
    ]


def read_method(path: str, verb: str, operation: dict) -> Method:
    names = [name for requirement in operation.get("security") or [] for name in requirement if name != "NONE"]
    integration = operation.get("x-amazon-apigateway-integration") or {}
    return Method(
        path=path,
        verb="ANY" if verb == ANY else verb.upper(),
        authorizer=", ".join(names) or None,
        preflight=mock_headers(operation, integration),
    )


def mock_headers(operation: dict, integration: dict) -> dict[str, str]:
    """What a mock answers with, as far as the method declares it: API Gateway drops the rest."""
    if integration.get("type", "").lower() != "mock":
        return {}
    answer = (integration.get("responses") or {}).get("default", {})
    responses = {str(status): response for status, response in (operation.get("responses") or {}).items()}
    declared = {name.lower() for name in responses.get(str(answer.get("statusCode")), {}).get("headers", {})}
    headers = {
        name.removeprefix(PREFLIGHT_HEADER).lower(): value.strip("'")
        for name, value in (answer.get("responseParameters") or {}).items()
    }
    return {name: value for name, value in headers.items() if name in declared}


def authorizers(body: dict) -> list[Authorizer]:
    schemes = body.get("components", {}).get("securitySchemes") or body.get("securityDefinitions") or {}
    return [
        read_authorizer(name, scheme["x-amazon-apigateway-authorizer"])
        for name, scheme in schemes.items()
        if "x-amazon-apigateway-authorizer" in scheme
    ]


def read_authorizer(name: str, extension: dict) -> Authorizer:
    sources = extension.get("identitySource") or []
    ttl = extension.get("authorizerResultTtlInSeconds")
    return Authorizer(
        name=name,
        type=extension.get("type", "").upper(),
        uri=extension.get("authorizerUri", ""),
        identity_sources=[part.strip() for part in sources.split(",")] if isinstance(sources, str) else sources,
        ttl=None if ttl is None else int(ttl),
        payload_version=extension.get("authorizerPayloadFormatVersion"),
        simple_responses=bool(extension.get("enableSimpleResponses", False)),
    )


def gateway_responses(body: dict) -> dict[str, GatewayResponse]:
    documents = body.get("x-amazon-apigateway-gateway-responses") or {}
    return {name: gateway_response(document) for name, document in documents.items()}


def cors(body: dict) -> dict[str, str]:
    """An HTTP API's own CORS configuration, as the headers that it answers preflights with."""
    configuration = body.get("x-amazon-apigateway-cors") or {}
    names = {"allowOrigins": "origin", "allowMethods": "methods", "allowHeaders": "headers"}
    return {
        f"access-control-allow-{names[name]}": ",".join(values)
        for name, values in configuration.items()
        if name in names
    }
