# Your REST API, by Terraform, with the Gatepass authorizer that its SAM stack has deployed.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "authorizer_parameter" {
  description = "Where the Gatepass stack keeps its function's ARN: /<the stack's name>/authorizer-arn"
  type        = string
  default     = "/gatepass/authorizer-arn"
}

variable "backend_function" {
  description = "The name of the Lambda function behind the API"
  type        = string
}

variable "cors_origin" {
  description = "The origin whose pages may read the API's answers, or * for any"
  type        = string
  default     = "*"
}

data "aws_ssm_parameter" "authorizer" {
  name = var.authorizer_parameter
}

data "aws_partition" "current" {}

# The backend takes the caller by name and type: getCaller(event), from gatepass/caller.
data "aws_lambda_function" "backend" {
  function_name = var.backend_function
}

locals {
  authorizer_arn    = data.aws_ssm_parameter.authorizer.insecure_value
  region            = split(":", local.authorizer_arn)[3]
  gateway_responses = yamldecode(file("${path.module}/../gateway-responses.yaml"))
}

resource "aws_api_gateway_rest_api" "api" {
  name = "my-api"

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

# ---------------------------------------------------------------------------------------------------- the authorizer

resource "aws_api_gateway_authorizer" "gatepass" {
  rest_api_id                      = aws_api_gateway_rest_api.api.id
  name                             = "gatepass"
  type                             = "REQUEST" # the provider's default is TOKEN
  authorizer_uri                   = "arn:${data.aws_partition.current.partition}:apigateway:${local.region}:lambda:path/2015-03-31/functions/${local.authorizer_arn}/invocations"
  identity_source                  = "method.request.header.Authorization" # alone: API Gateway wants all that are listed
  authorizer_result_ttl_in_seconds = 60                                    # how long a revoked key may go on working
}

resource "aws_lambda_permission" "api_may_call_authorizer" {
  function_name = local.authorizer_arn
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/authorizers/${aws_api_gateway_authorizer.gatepass.id}"
}

# ------------------------------------------------------------------------------------------------- the gateway responses

resource "aws_api_gateway_gateway_response" "all" {
  for_each = local.gateway_responses

  rest_api_id        = aws_api_gateway_rest_api.api.id
  response_type      = each.key
  status_code        = try(tostring(each.value.statusCode), null)
  response_templates = try(each.value.responseTemplates, null)
  response_parameters = {
    for name, value in each.value.responseParameters : name => replace(value, "'*'", "'${var.cors_origin}'")
  }
}

# ---------------------------------------------------------------------------------------------------------- the routes

resource "aws_api_gateway_resource" "every_route" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "{proxy+}"
}

resource "aws_api_gateway_method" "every_method" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.every_route.id
  http_method   = "ANY"
  authorization = "CUSTOM"
  authorizer_id = aws_api_gateway_authorizer.gatepass.id
}

resource "aws_api_gateway_integration" "every_method" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.every_route.id
  http_method             = aws_api_gateway_method.every_method.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = data.aws_lambda_function.backend.invoke_arn
}

resource "aws_lambda_permission" "api_may_call_backend" {
  function_name = data.aws_lambda_function.backend.function_name
  action        = "lambda:InvokeFunction"
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*/*"
}

# A public route beside them: nobody is asked who they are, and the backend is told of nobody.
resource "aws_api_gateway_resource" "health" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "health"
}

resource "aws_api_gateway_method" "get_health" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.health.id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "get_health" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.health.id
  http_method             = aws_api_gateway_method.get_health.http_method
  type                    = "AWS_PROXY"
  integration_http_method = "POST"
  uri                     = data.aws_lambda_function.backend.invoke_arn
}

# A preflight carries no credentials, so it is answered without the authorizer.
resource "aws_api_gateway_method" "preflight" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.every_route.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  rest_api_id       = aws_api_gateway_rest_api.api.id
  resource_id       = aws_api_gateway_resource.every_route.id
  http_method       = aws_api_gateway_method.preflight.http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\"statusCode\":204}" }
}

resource "aws_api_gateway_method_response" "preflight" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.every_route.id
  http_method = aws_api_gateway_method.preflight.http_method
  status_code = "204"
  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin"  = true
    "method.response.header.Access-Control-Allow-Methods" = true
    "method.response.header.Access-Control-Allow-Headers" = true
    "method.response.header.Access-Control-Max-Age"       = true
  }
}

resource "aws_api_gateway_integration_response" "preflight" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.every_route.id
  http_method = aws_api_gateway_method.preflight.http_method
  status_code = aws_api_gateway_method_response.preflight.status_code
  response_parameters = {
    "method.response.header.Access-Control-Allow-Origin"  = "'${var.cors_origin}'"
    "method.response.header.Access-Control-Allow-Methods" = "'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS'"
    "method.response.header.Access-Control-Allow-Headers" = "'Authorization,Content-Type'"
    "method.response.header.Access-Control-Max-Age"       = "'600'"
  }
  depends_on = [aws_api_gateway_integration.preflight]
}

# ------------------------------------------------------------------------------------------------------ the deployment

# A picture of the API at the time it was made: whatever is in `triggers` makes a new one when it changes, and nothing
# else does. Add each resource of the API's own: its routes, methods, integrations, models, policy.
resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id

  triggers = {
    changed = sha1(jsonencode([
      aws_api_gateway_rest_api.api,
      aws_api_gateway_authorizer.gatepass,
      aws_api_gateway_gateway_response.all,
      aws_api_gateway_resource.every_route,
      aws_api_gateway_method.every_method,
      aws_api_gateway_integration.every_method,
      aws_api_gateway_resource.health,
      aws_api_gateway_method.get_health,
      aws_api_gateway_integration.get_health,
      aws_api_gateway_method.preflight,
      aws_api_gateway_integration.preflight,
      aws_api_gateway_method_response.preflight,
      aws_api_gateway_integration_response.preflight,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "prod"
}

output "url" {
  value = aws_api_gateway_stage.prod.invoke_url
}
