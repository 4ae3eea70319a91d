"""The mistakes that are tried on every API: what is broken, the assertion that must tell of it, and how it is done."""

BODY = "application/json"

API_MUTATIONS = [
    ("the authorizer on OPTIONS", "options-without-authorizer", lambda api: api.guard_options()),
    ("no OPTIONS", "preflight-answered", lambda api: api.remove_options()),
    (
        "a preflight that allows no headers",
        "preflight-answered",
        lambda api: api.answer_without("Access-Control-Allow-Headers"),
    ),
    ("a preflight without Authorization", "preflight-answered", lambda api: api.answer_headers("Content-Type")),
    ("no authorizer on a method", "authorizer-on-every-method", lambda api: api.unguard_method()),
    ("an authorizer that isn't there", "authorizer-on-every-method", lambda api: api.guard_by_another()),
    (
        "two identity sources",
        "identity-source-is-authorization-alone",
        lambda api: api.set_identity("Authorization", "X-Api-Key"),
    ),
    (
        "another identity source",
        "identity-source-is-authorization-alone",
        lambda api: api.set_identity("X-Api-Key"),
    ),
    ("no identity source", "identity-source-is-authorization-alone", lambda api: api.remove_identity()),
    ("a TTL of two hours", "ttl-within-bounds", lambda api: api.set_ttl(7200)),
    ("no TTL", "ttl-within-bounds", lambda api: api.remove_ttl()),
    ("a TOKEN authorizer", "authorizer-type-request", lambda api: api.make_token()),
    ("another function", "authorizer-type-request", lambda api: api.call_another()),
    ("no permission", "invoke-permission", lambda api: api.remove_permission()),
    ("a permission for another service", "invoke-permission", lambda api: api.set_principal("events.amazonaws.com")),
    ("a permission for everybody", "invoke-permission", lambda api: api.set_principal("*")),
    ("a permission for all of API Gateway", "invoke-permission", lambda api: api.widen_permission()),
    ("a permission for other APIs", "invoke-permission", lambda api: api.permit_other_api()),
    ("a part that no deployment has", "deployment-has-every-part", lambda api: api.forget_in_deployment()),
]

HTTP_MUTATIONS = [
    ("payload 1.0", "http-api-takes-policies", lambda api: api.change_payload("1.0")),
    ("simple responses", "http-api-takes-policies", lambda api: api.take_simple_responses()),
]

RESPONSE_MUTATIONS = [
    *(
        (f"no {name}", "gateway-responses-complete", lambda api, name=name: api.remove_response(name))
        for name in (
            "ACCESS_DENIED",
            "UNAUTHORIZED",
            "AUTHORIZER_FAILURE",
            "AUTHORIZER_CONFIGURATION_ERROR",
            "DEFAULT_4XX",
            "DEFAULT_5XX",
        )
    ),
    (
        "a misspelt type",
        "gateway-response-types-known",
        lambda api: api.rename_response("UNAUTHORIZED", "UNAUTHORISED"),
    ),
    ("a status on DEFAULT_4XX", "gateway-response-statuses", lambda api: api.set_status("DEFAULT_4XX", 401)),
    ("refusals as 403", "gateway-response-statuses", lambda api: api.set_status("ACCESS_DENIED", 403)),
    ("faults as 500", "gateway-response-statuses", lambda api: api.set_status("AUTHORIZER_FAILURE", 500)),
    ("no body for refusals", "gateway-response-bodies", lambda api: api.remove_templates("ACCESS_DENIED")),
    (
        "another body",
        "gateway-response-bodies",
        lambda api: api.set_template("UNAUTHORIZED", BODY, '{"error":"unauthorized","message":"Unauthorized"}'),
    ),
    (
        "a context key that nobody sets",
        "gateway-response-bodies",
        lambda api: api.set_template("ACCESS_DENIED", BODY, '{"error":"$context.authorizer.error","message":""}'),
    ),
    (
        "a body that isn't JSON",
        "gateway-response-bodies",
        lambda api: api.set_template("ACCESS_DENIED", BODY, '{"error":$context.authorizer.denyError}'),
    ),
    (
        "a body for plain text alone",
        "gateway-response-bodies",
        lambda api: api.set_template("ACCESS_DENIED", "text/plain", "no"),
    ),
    (
        "a refusal that pages can't read",
        "gateway-response-headers",
        lambda api: api.remove_header("ACCESS_DENIED", "Access-Control-Allow-Origin"),
    ),
    (
        "a challenge that pages can't read",
        "gateway-response-headers",
        lambda api: api.remove_header("ACCESS_DENIED", "Access-Control-Expose-Headers"),
    ),
    (
        "no challenge",
        "gateway-response-headers",
        lambda api: api.remove_header("UNAUTHORIZED", "WWW-Authenticate"),
    ),
    (
        "no Retry-After",
        "gateway-response-headers",
        lambda api: api.remove_header("AUTHORIZER_CONFIGURATION_ERROR", "Retry-After"),
    ),
    (
        "a value without its single quotes",
        "gateway-response-headers",
        lambda api: api.set_header("DEFAULT_5XX", "Access-Control-Allow-Origin", "*"),
    ),
]

QUOTE_MUTATIONS = [
    (
        "an origin of its own",
        "gateway-responses-as-shared",
        lambda api: api.set_header("DEFAULT_4XX", "Access-Control-Allow-Origin", "'https://old.example.com'"),
    ),
]
