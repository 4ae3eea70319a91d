"""An API as the assertions see it, whichever way it is written down."""

from dataclasses import dataclass, field


@dataclass
class Method:
    path: str
    verb: str  # upper case, ANY, or $connect
    authorizer: str | None  # the name of one of the API's authorizers
    preflight: dict[str, str] = field(default_factory=dict)  # the headers that a mock answers with, lower case

    @property
    def where(self) -> str:
        return f"{self.verb} {self.path}".strip()


@dataclass
class Authorizer:
    name: str
    type: str
    uri: str
    identity_sources: list[str]
    ttl: int | None  # None where it isn't said
    payload_version: str | None = None
    simple_responses: bool = False


@dataclass
class GatewayResponse:
    """With every value a string, so that 401 and '401' are one."""

    status: str | None
    headers: dict[str, str]
    templates: dict[str, str]


@dataclass
class Permission:
    function: str
    action: str
    principal: str
    source_arn: str


@dataclass
class Api:
    kind: str  # REST, HTTP or WEBSOCKET
    arn: str  # without a stage
    methods: list[Method]
    authorizers: list[Authorizer]
    permissions: list[Permission]
    gateway_responses: dict[str, GatewayResponse] = field(default_factory=dict)
    cors: dict[str, str] = field(default_factory=dict)  # an HTTP API's own answer to preflights
    undeployed: list[str] = field(default_factory=list)  # parts that its deployment may be made without


@dataclass(frozen=True)
class Finding:
    """What an assertion found wrong."""

    assertion: str
    where: str
    what: str


def gateway_response(document: dict) -> GatewayResponse:
    """One entry of `x-amazon-apigateway-gateway-responses`."""
    status = document.get("statusCode")
    return GatewayResponse(
        status=None if status is None else str(status),
        headers={name: str(value) for name, value in (document.get("responseParameters") or {}).items()},
        templates=dict(document.get("responseTemplates") or {}),
    )
