#!/bin/sh
# Imports openapi.yaml into API Gateway, lets the API call the authorizer, and deploys it.
#
#   AUTHORIZER_ARN=arn:… BACKEND_URL=https://… ./import.sh            a new API, in the authorizer's account and Region
#   AUTHORIZER_ARN=arn:… BACKEND_URL=https://… ./import.sh API-ID     over an API that was imported before
set -eu
: "${AUTHORIZER_ARN:?is an output of the Gatepass stack}" "${BACKEND_URL:?is where your backend answers}"

# arn:<partition>:lambda:<region>:<account>:function:<name>
partition=$(echo "$AUTHORIZER_ARN" | cut -d: -f2)
region=$(echo "$AUTHORIZER_ARN" | cut -d: -f4)
account=$(echo "$AUTHORIZER_ARN" | cut -d: -f5)
export AWS_REGION="$region"

document=$(mktemp)
trap 'rm -f "$document"' EXIT
authorizer_uri="arn:$partition:apigateway:$region:lambda:path/2015-03-31/functions/$AUTHORIZER_ARN/invocations"
sed -e "s|{{AUTHORIZER_URI}}|$authorizer_uri|" -e "s|{{BACKEND_URL}}|${BACKEND_URL%/}|" \
  "$(dirname "$0")/openapi.yaml" >"$document"

if [ $# -eq 0 ]; then
  api=$(aws apigateway import-rest-api --parameters endpointConfigurationTypes=REGIONAL \
    --body "fileb://$document" --query id --output text)
  # An imported document brings no permission. This one is for this API's authorizers alone.
  aws lambda add-permission --function-name "$AUTHORIZER_ARN" --statement-id "gatepass-$api" \
    --action lambda:InvokeFunction --principal apigateway.amazonaws.com \
    --source-arn "arn:$partition:execute-api:$region:$account:$api/authorizers/*" >/dev/null
else
  api=$1
  aws apigateway put-rest-api --rest-api-id "$api" --mode overwrite --body "fileb://$document" >/dev/null
fi

# Gateway responses too reach callers only with a deployment.
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod >/dev/null
echo "https://$api.execute-api.$region.amazonaws.com/prod"
