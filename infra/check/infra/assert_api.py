"""What must hold of every API that the authorizer is attached to, whatever its kind."""

import re

from assertions import Assertions, Faults
from model import Api, Authorizer

IDENTITY_SOURCE = {
    "REST": "method.request.header.Authorization",
    "HTTP": "$request.header.Authorization",
    "WEBSOCKET": "route.request.header.Authorization",
}
FUNCTION_URI = re.compile(r"arn:[^:]+:apigateway:[^:]+:lambda:path/2015-03-31/functions/(?P<function>.+)/invocations")
LONGEST_TTL = 3600  # API Gateway's own bound

API_ASSERTIONS = Assertions()


def function_of(authorizer: Authorizer) -> str | None:
    match = FUNCTION_URI.fullmatch(authorizer.uri)
    return match and same_function(match["function"])


def same_function(reference: str) -> str:
    """A function's name and its ARN are the same function."""
    return reference.replace(".Arn}", "}")


@API_ASSERTIONS.add(
    "authorizer-on-every-method",
    "Every method but OPTIONS asks the authorizer; on a WebSocket API, $connect does.",
)
def _(api: Api, _function: str) -> Faults:
    known = {authorizer.name for authorizer in api.authorizers}
    guarded = [
        method
        for method in api.methods
        if (method.verb == "$connect" if api.kind == "WEBSOCKET" else method.verb != "OPTIONS")
    ]
    if not guarded:
        yield "the API", "has no method that asks the authorizer"
    for method in guarded:
        if method.authorizer is None:
            yield method.where, "has no authorizer: anybody may call it"
        elif method.authorizer not in known:
            yield method.where, f"has the authorizer {method.authorizer}, which isn't one of the API's"


@API_ASSERTIONS.add("options-without-authorizer", "OPTIONS doesn't ask it: a preflight carries no credentials.")
def _(api: Api, _function: str) -> Faults:
    for method in api.methods:
        if method.verb == "OPTIONS" and method.authorizer is not None:
            yield method.where, "has the authorizer, so that browsers can't send a preflight"


@API_ASSERTIONS.add(
    "preflight-answered",
    "Every route answers a preflight with the origin, methods and headers that are allowed, Authorization among them.",
)
def _(api: Api, _function: str) -> Faults:
    if api.kind == "WEBSOCKET":
        return
    options = {method.path: method for method in api.methods if method.verb == "OPTIONS"}
    for path in sorted({method.path for method in api.methods}):
        if path not in options and (api.kind == "REST" or has_any(api, path)):
            yield path, "has no OPTIONS method: a preflight fails, or asks the authorizer"
            continue
        answered = api.cors if api.kind == "HTTP" else options[path].preflight
        for what in ("origin", "methods", "headers"):
            if not answered.get(f"access-control-allow-{what}"):
                yield f"OPTIONS {path}", f"answers without Access-Control-Allow-{what.capitalize()}"
        headers = answered.get("access-control-allow-headers", "").lower().split(",")
        if "authorization" not in [name.strip() for name in headers]:
            yield f"OPTIONS {path}", "doesn't allow the Authorization header"


def has_any(api: Api, path: str) -> bool:
    return any(method.path == path and method.verb == "ANY" for method in api.methods)


@API_ASSERTIONS.add(
    "authorizer-type-request", "The API has one authorizer: a REQUEST authorizer that calls the Gatepass function."
)
def _(api: Api, function: str) -> Faults:
    if len(api.authorizers) != 1:
        yield "the API", f"has {len(api.authorizers)} authorizers"
    for authorizer in api.authorizers:
        if authorizer.type != "REQUEST":
            yield authorizer.name, f"is of type {authorizer.type or 'none'}, whose events the function refuses"
        if function_of(authorizer) != function:
            yield authorizer.name, f"calls {authorizer.uri}, not {function}"


@API_ASSERTIONS.add(
    "identity-source-is-authorization-alone",
    "The identity source is the Authorization header and nothing else; uncached, there is none.",
)
def _(api: Api, _function: str) -> Faults:
    wanted = IDENTITY_SOURCE[api.kind]
    for authorizer in api.authorizers:
        if authorizer.identity_sources == ([] if authorizer.ttl == 0 else [wanted]):
            continue
        listed = ", ".join(authorizer.identity_sources) or "none"
        yield authorizer.name, f"has {listed} where {wanted} belongs: API Gateway wants all of them, and caches by them"


@API_ASSERTIONS.add(
    "ttl-within-bounds",
    f"The authorizer's TTL is said, and at most {LONGEST_TTL} s; a WebSocket API has none.",
)
def _(api: Api, _function: str) -> Faults:
    for authorizer in api.authorizers:
        if api.kind == "WEBSOCKET":
            if authorizer.ttl is not None:
                yield authorizer.name, "has a TTL, but nothing is cached on a WebSocket API"
        elif authorizer.ttl is None:
            yield authorizer.name, "leaves the TTL to the default, which differs between kinds of API"
        elif not 0 <= authorizer.ttl <= LONGEST_TTL:
            yield authorizer.name, f"has a TTL of {authorizer.ttl} s"


@API_ASSERTIONS.add(
    "invoke-permission",
    "API Gateway, and for this API's authorizers alone, may call the function.",
)
def _(api: Api, function: str) -> Faults:
    found = [permission for permission in api.permissions if same_function(permission.function) == function]
    if not found:
        yield "the API", f"has no permission to call {function}: each request would be a fault"
    for permission in found:
        if permission.principal != "apigateway.amazonaws.com" or permission.action != "lambda:InvokeFunction":
            yield function, f"lets {permission.principal} do {permission.action}"
        if not re.fullmatch(re.escape(api.arn) + r"/authorizers/[^/]+", permission.source_arn):
            yield function, f"may be called for {permission.source_arn or 'anything'}, not for {api.arn}/authorizers/…"


@API_ASSERTIONS.add(
    "http-api-takes-policies",
    "An HTTP API sends payload 2.0 and takes policies: a simple yes couldn't say when and from where it holds.",
)
def _(api: Api, _function: str) -> Faults:
    for authorizer in api.authorizers if api.kind == "HTTP" else []:
        if authorizer.payload_version != "2.0":
            yield authorizer.name, f"sends payload {authorizer.payload_version}"
        if authorizer.simple_responses:
            yield authorizer.name, "takes simple responses"


@API_ASSERTIONS.add(
    "deployment-has-every-part",
    "A deployment is made after every method and gateway response, so that it holds them.",
)
def _(api: Api, _function: str) -> Faults:
    for part in api.undeployed:
        yield part, "isn't waited for by a deployment"
