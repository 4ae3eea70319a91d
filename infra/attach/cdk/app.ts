import { readFileSync } from 'node:fs';
import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import {
  AuthorizationType,
  EndpointType,
  IdentitySource,
  LambdaIntegration,
  RequestAuthorizer,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { parse } from 'yaml';

/** `x-amazon-apigateway-gateway-responses` of OpenAPI, as ../gateway-responses.yaml holds it. */
type GatewayResponses = Record<
  string,
  { statusCode?: number; responseParameters: Record<string, string>; responseTemplates?: Record<string, string> }
>;

const stack = new Stack(new App(), 'my-api', { description: 'Your REST API with the Gatepass authorizer' });
const corsOrigin = new CfnParameter(stack, 'CorsOrigin', { default: '*' }).valueAsString;

const backend = new LambdaFunction(stack, 'Backend', {
  description: 'Answers each request with its caller',
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  handler: 'index.handler',
  environment: { CORS_ORIGIN: corsOrigin },
  // A function with a build step takes the caller by name and type: getCaller(event), from gatepass/caller.
  code: Code.fromInline(`
exports.handler = async (event) => {
  if (event.resource === '/health') return { statusCode: 200, body: 'ok' };
  const { userId, authMethod } = event.requestContext.authorizer;
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': process.env.CORS_ORIGIN },
    body: JSON.stringify({ userId, authMethod }),
  };
};
`),
});
// Where the Gatepass stack keeps its function's ARN: /<the stack's name>/authorizer-arn. Without sameEnvironment the
// CDK adds no permission to call a function that it knows by ARN alone.
const authorizer = new RequestAuthorizer(stack, 'Gatepass', {
  handler: LambdaFunction.fromFunctionAttributes(stack, 'GatepassFunction', {
    functionArn: StringParameter.valueForStringParameter(stack, '/gatepass/authorizer-arn'),
    sameEnvironment: true,
  }),
  identitySources: [IdentitySource.header('Authorization')], // this one alone: API Gateway wants all that are listed
  resultsCacheTtl: Duration.seconds(60), // how long a revoked key may go on working; the default is 5 minutes
});

const api = new RestApi(stack, 'Api', {
  endpointTypes: [EndpointType.REGIONAL],
  cloudWatchRole: false,
  defaultIntegration: new LambdaIntegration(backend),
  defaultMethodOptions: { authorizationType: AuthorizationType.CUSTOM, authorizer },
  // The preflights that this adds are answered without the authorizer: they carry no credentials.
  defaultCorsPreflightOptions: {
    allowOrigins: [corsOrigin],
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    allowHeaders: ['Authorization', 'Content-Type'],
    maxAge: Duration.minutes(10),
  },
});

const gatewayResponses: GatewayResponses = parse(
  readFileSync(new URL('../gateway-responses.yaml', import.meta.url), 'utf8'),
);
for (const [type, { statusCode, responseParameters, responseTemplates }] of Object.entries(gatewayResponses)) {
  const headers = Object.entries(responseParameters).map(([name, value]) => [
    name.replace('gatewayresponse.header.', ''),
    value === "'*'" ? `'${corsOrigin}'` : value,
  ]);
  // Each makes a new deployment when it changes, without which nothing of it reaches callers.
  api.addGatewayResponse(type, {
    type: ResponseType.of(type),
    responseHeaders: Object.fromEntries(headers),
    ...(statusCode === undefined ? {} : { statusCode: String(statusCode) }),
    ...(responseTemplates === undefined ? {} : { templates: responseTemplates }),
  });
}

api.root.addProxy();
// A public route beside them: nobody is asked who they are, and the backend is told of nobody.
api.root.addResource('health').addMethod('GET', undefined, { authorizationType: AuthorizationType.NONE });
