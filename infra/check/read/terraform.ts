import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject } from '../../../src/local/gateway/json.ts';
import type { Api, Authorizer, GatewayResponses, Method } from '../api.ts';
import { PREFLIGHT_HEADER, readGatewayResponses, unquote } from './openapi.ts';

/** A module as python-hcl2 parses it: blocks by their kind. Expressions are texts in `${…}`. */
export interface Module {
  readonly resource?: readonly Readonly<Record<string, Readonly<Record<string, Arguments>>>>[];
  readonly data?: readonly Readonly<Record<string, Readonly<Record<string, unknown>>>>[];
  readonly locals?: readonly Readonly<Record<string, unknown>>[];
  readonly variable?: readonly Readonly<Record<string, unknown>>[];
}

type Arguments = JsonObject;

/** The API's parts that a deployment's trigger has to name, each by its own address. */
const DEPLOYED = [
  'aws_api_gateway_rest_api',
  'aws_api_gateway_resource',
  'aws_api_gateway_authorizer',
  'aws_api_gateway_gateway_response',
  'aws_api_gateway_method',
  'aws_api_gateway_integration',
  'aws_api_gateway_method_response',
  'aws_api_gateway_integration_response',
];
const EACH_RESPONSE = {
  for_each: `\${local.gateway_responses}`,
  response_type: `\${each.key}`,
  status_code: `\${try(tostring(each.value.statusCode), null)}`,
  response_templates: `\${try(each.value.responseTemplates, null)}`,
  response_parameters:
    `\${{for name, value in each.value.responseParameters : ` +
    `name => replace(value, "'*'", "'\${var.cors_origin}'")}}`,
};
const SHARED_FILE = `\${yamldecode(file("\${path.module}/../gateway-responses.yaml"))}`;

/** The resources of one type: name → arguments. */
function ofType(module: Module, type: string): [name: string, found: Arguments][] {
  return (module.resource ?? []).flatMap((block) => Object.entries(block[type] ?? {}));
}

/** Reads the API from the expressions that stand there, and leaves every other one as text: no assertion takes it. */
export function readTerraformApi(module: Module): Api {
  return {
    kind: 'REST',
    arn: `\${aws_api_gateway_rest_api.api.execution_arn}`,
    methods: ofType(module, 'aws_api_gateway_method').map(([name, method]) => readMethod(module, name, method)),
    authorizers: ofType(module, 'aws_api_gateway_authorizer').map(([name, found]) => readAuthorizer(name, found)),
    permissions: ofType(module, 'aws_lambda_permission').map(([, found]) => ({
      function: textOf(found['function_name']),
      action: textOf(found['action']),
      principal: textOf(found['principal']),
      sourceArn: textOf(found['source_arn']),
    })),
    gatewayResponses: readResponses(module),
    undeployed: findUndeployed(module),
  };
}

function readMethod(module: Module, name: string, method: Arguments): Method {
  const [, route = ''] = /aws_api_gateway_resource\.(\w+)\.id/.exec(textOf(method['resource_id'])) ?? [];
  const [, authorizer] = /aws_api_gateway_authorizer\.(\w+)\.id/.exec(textOf(method['authorizer_id'])) ?? [];
  return {
    path: `/${textOf(argumentsOf(module, 'aws_api_gateway_resource', route)['path_part'])}`,
    verb: textOf(method['http_method']),
    authorizer: method['authorization'] === 'CUSTOM' ? authorizer : undefined,
    preflight: readMockHeaders(module, name),
  };
}

function readMockHeaders(module: Module, name: string): Record<string, string> {
  if (argumentsOf(module, 'aws_api_gateway_integration', name)['type'] !== 'MOCK') return {};
  const parametersOf = (type: string) =>
    Object.entries(argumentsOf(module, type, name)['response_parameters'] ?? {}) as [string, unknown][];
  const declared = parametersOf('aws_api_gateway_method_response').filter(([, is]) => is === true);
  const headers = parametersOf('aws_api_gateway_integration_response')
    .filter(([header]) => declared.some(([name]) => name === header))
    .map(([header, value]) => [header.replace(PREFLIGHT_HEADER, '').toLowerCase(), unquote(String(value))]);
  return Object.fromEntries(headers);
}

/** Works out the one expression that has to be: the address of the function. */
function readAuthorizer(name: string, found: Arguments): Authorizer {
  const ttl = found['authorizer_result_ttl_in_seconds'];
  return {
    name,
    type: textOf(found['type'] ?? 'TOKEN'), // the provider's default
    uri: textOf(found['authorizer_uri'])
      .replace(`\${data.aws_partition.current.partition}`, 'aws')
      .replace(`\${local.region}`, 'eu-west-1'),
    identitySources: textOf(found['identity_source']).split(', ').filter(Boolean),
    ttl: ttl === undefined ? undefined : Number(ttl),
    payloadVersion: undefined,
    simpleResponses: false,
  };
}

/** From the file that `for_each` goes through, where the arguments are made of it as they should be. */
function readResponses(module: Module): GatewayResponses {
  const found = argumentsOf(module, 'aws_api_gateway_gateway_response', 'all');
  const isAsKnown = Object.entries(EACH_RESPONSE).every(([name, expression]) => found[name] === expression);
  const isShared = (module.locals ?? []).some(({ gateway_responses }) => gateway_responses === SHARED_FILE);
  if (!isAsKnown || !isShared) return {};
  return readGatewayResponses(parse(readFileSync('infra/attach/gateway-responses.yaml', 'utf8')));
}

function findUndeployed(module: Module): readonly string[] {
  const triggers = JSON.stringify(
    ofType(module, 'aws_api_gateway_deployment').map(([, { triggers = {} }]) => triggers),
  );
  return DEPLOYED.flatMap((type) => ofType(module, type).map(([name]) => `${type}.${name}`)).filter(
    (address) => !new RegExp(`\\b${address.replaceAll('.', '\\.')}\\b`).test(triggers),
  );
}

function argumentsOf(module: Module, type: string, name: string): Arguments {
  return ofType(module, type).find(([found]) => found === name)?.[1] ?? {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
