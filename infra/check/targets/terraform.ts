import { readFileSync } from 'node:fs';
import type { Finding } from '../assertions/assertion.ts';
import type { Python } from '../python.ts';
import { type Module, readTerraformApi } from '../read/terraform.ts';
import { checkExample, type Target } from './target.ts';

const ROUTE = ['rest_api_id', 'resource_id', 'http_method'];
const ANSWER = [...ROUTE, 'status_code', 'response_parameters'];

/** The arguments of each resource type that are of use here, by the documentation of the AWS provider. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  aws_api_gateway_rest_api: ['name', 'endpoint_configuration'],
  aws_api_gateway_authorizer: [
    'rest_api_id',
    'name',
    'type',
    'authorizer_uri',
    'identity_source',
    'authorizer_result_ttl_in_seconds',
  ],
  aws_lambda_permission: ['function_name', 'action', 'principal', 'source_arn'],
  aws_api_gateway_gateway_response: [
    'rest_api_id',
    'response_type',
    'status_code',
    'response_templates',
    'response_parameters',
  ],
  aws_api_gateway_resource: ['rest_api_id', 'parent_id', 'path_part'],
  aws_api_gateway_method: [...ROUTE, 'authorization', 'authorizer_id'],
  aws_api_gateway_integration: [...ROUTE, 'type', 'integration_http_method', 'uri', 'request_templates'],
  aws_api_gateway_method_response: ANSWER,
  aws_api_gateway_integration_response: ANSWER,
  aws_api_gateway_deployment: ['rest_api_id', 'triggers'],
  aws_api_gateway_stage: ['rest_api_id', 'deployment_id', 'stage_name'],
};
const META_ARGUMENTS = ['for_each', 'depends_on', 'lifecycle'];
const REFERENCE = /(?<![\w.])(data\.aws_\w+\.\w+|aws_\w+\.\w+|local\.\w+|var\.\w+)/g;

/**
 * infra/attach/terraform, as far as it can be checked without Terraform: that it parses, that what it refers to is
 * there, that its arguments are ones that the provider has, and what it makes.
 */
export function terraformTarget(python: Python): Target {
  return {
    load: () => python.readHcl(readFileSync('infra/attach/terraform/main.tf', 'utf8')),
    async *check(document) {
      const module = document as Module; // as python-hcl2 parses it
      yield* checkExample(readTerraformApi(module), `\${local.authorizer_arn}`);
      yield* checkReferences(module);
      yield* checkArguments(module);
    },
  };
}

function* checkReferences(module: Module): Generator<Finding> {
  const named = (blocks: NonNullable<Module['data']> = []) =>
    blocks
      .flatMap((block) => Object.entries(block))
      .flatMap(([type, found]) => Object.keys(found).map((name) => `${type}.${name}`));
  const declared = new Set([
    ...named(module.resource),
    ...named(module.data).map((address) => `data.${address}`),
    ...(module.locals ?? []).flatMap(Object.keys).map((name) => `local.${name}`),
    ...(module.variable ?? []).flatMap(Object.keys).map((name) => `var.${name}`),
  ]);
  for (const reference of new Set(JSON.stringify(module).match(REFERENCE))) {
    if (!declared.has(reference)) yield { assertion: 'references-resolve', fault: `${reference} isn't declared` };
  }
}

function* checkArguments(module: Module): Generator<Finding> {
  for (const [type, named] of (module.resource ?? []).flatMap((block) => Object.entries(block))) {
    for (const [name, given] of Object.entries(named)) {
      for (const argument of Object.keys(given)) {
        if ([...META_ARGUMENTS, ...(ARGUMENTS[type] ?? [])].includes(argument)) continue;
        yield { assertion: 'arguments-known', fault: `${type}.${name} has no argument ${argument}` };
      }
    }
  }
}
