"""Reads the one API of a CloudFormation stack from its resources, worked out by intrinsics.py."""

import read_openapi
from cloudformation import of_type
from intrinsics import PSEUDO_PARAMETERS
from model import Api, Authorizer, Method, Permission, gateway_response


def read_api(resources: dict) -> Api | None:
    for type_name, read in (
        ("AWS::ApiGateway::RestApi", read_rest_api),
        ("AWS::ApiGatewayV2::Api", read_v2_api),
    ):
        for name, properties in of_type(resources, type_name).items():
            return read(resources, name, properties)
    return None


def execution_arn(name: str) -> str:
    partition, region, account = (PSEUDO_PARAMETERS[f"AWS::{part}"] for part in ("Partition", "Region", "AccountId"))
    return f"arn:{partition}:execute-api:{region}:{account}:${{{name}}}"


def read_permissions(resources: dict) -> list[Permission]:
    return [
        Permission(
            function=properties.get("FunctionName", ""),
            action=properties.get("Action", ""),
            principal=properties.get("Principal", ""),
            source_arn=properties.get("SourceArn", ""),
        )
        for properties in of_type(resources, "AWS::Lambda::Permission").values()
    ]


def read_body(kind: str, name: str, body: dict, resources: dict) -> Api:
    return Api(
        kind=kind,
        arn=execution_arn(name),
        methods=read_openapi.methods(body),
        authorizers=read_openapi.authorizers(body),
        permissions=read_permissions(resources),
        gateway_responses=read_openapi.gateway_responses(body),
        cors=read_openapi.cors(body),
    )


def read_rest_api(resources: dict, name: str, properties: dict) -> Api:
    if "Body" in properties:
        return read_body("REST", name, properties["Body"], resources)
    paths = {f"${{{name}.RootResourceId}}": "/"}
    for resource, route in of_type(resources, "AWS::ApiGateway::Resource").items():
        paths[f"${{{resource}}}"] = "/" + route["PathPart"]  # good enough to say where: the examples have one level
    return Api(
        kind="REST",
        arn=execution_arn(name),
        methods=[
            read_method(method, paths.get(method["ResourceId"], "?"))
            for method in of_type(resources, "AWS::ApiGateway::Method").values()
        ],
        authorizers=[
            read_authorizer(authorizer, properties)
            for authorizer, properties in of_type(resources, "AWS::ApiGateway::Authorizer").items()
        ],
        permissions=read_permissions(resources),
        gateway_responses={
            response["ResponseType"]: gateway_response(
                {name[0].lower() + name[1:]: value for name, value in response.items()}
            )
            for response in of_type(resources, "AWS::ApiGateway::GatewayResponse").values()
        },
        undeployed=find_undeployed(resources),
    )


def read_method(method: dict, path: str) -> Method:
    integration = method.get("Integration", {})
    declared = {
        (str(response["StatusCode"]), name)
        for response in method.get("MethodResponses", [])
        for name in response.get("ResponseParameters", {})
    }
    preflight = {
        name.removeprefix(read_openapi.PREFLIGHT_HEADER).lower(): value.strip("'")
        for response in integration.get("IntegrationResponses", [])
        for name, value in response.get("ResponseParameters", {}).items()
        if (str(response["StatusCode"]), name) in declared
    }
    return Method(
        path=path,
        verb=method["HttpMethod"],
        authorizer=method.get("AuthorizerId") if method.get("AuthorizationType") == "CUSTOM" else None,
        preflight=preflight if integration.get("Type") == "MOCK" else {},
    )


def read_authorizer(name: str, properties: dict) -> Authorizer:
    sources = properties.get("IdentitySource") or []
    return Authorizer(
        name=f"${{{name}}}",
        type=properties.get("Type") or properties.get("AuthorizerType", ""),
        uri=properties.get("AuthorizerUri", ""),
        identity_sources=[part.strip() for part in sources.split(",")] if isinstance(sources, str) else sources,
        ttl=properties.get("AuthorizerResultTtlInSeconds"),
        payload_version=properties.get("AuthorizerPayloadFormatVersion"),
        simple_responses=bool(properties.get("EnableSimpleResponses", False)),
    )


def find_undeployed(resources: dict) -> list[str]:
    """Methods and gateway responses that no deployment waits for: it may be made before them, and without them."""
    waited_for = {
        name
        for resource in resources.values()
        if resource["Type"] == "AWS::ApiGateway::Deployment"
        for name in resource.get("DependsOn", [])
    }
    parts = ("AWS::ApiGateway::Method", "AWS::ApiGateway::GatewayResponse")
    return [name for name, resource in resources.items() if resource["Type"] in parts and name not in waited_for]


def read_v2_api(resources: dict, name: str, properties: dict) -> Api:
    if "Body" in properties:
        return read_body("HTTP", name, properties["Body"], resources)
    return Api(
        kind=properties["ProtocolType"],
        arn=execution_arn(name),
        methods=[
            Method(
                path="",
                verb=route["RouteKey"],
                authorizer=route.get("AuthorizerId") if route.get("AuthorizationType") == "CUSTOM" else None,
            )
            for route in of_type(resources, "AWS::ApiGatewayV2::Route").values()
        ],
        authorizers=[
            read_authorizer(authorizer, found)
            for authorizer, found in of_type(resources, "AWS::ApiGatewayV2::Authorizer").items()
        ],
        permissions=read_permissions(resources),
    )
