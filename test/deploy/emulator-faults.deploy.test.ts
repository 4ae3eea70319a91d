import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { aws, gatepass } from './support/aws.ts';
import { readLog } from './support/functions.ts';
import { deploy, type Outputs } from './support/stack.ts';
import { call } from './support/stage.ts';

// What MiniStack 1.5.33 does otherwise than AWS, as far as it matters here. Each test says what is wrong today, so one
// that fails is good news: the emulator has mended it, and a test that went around it can be as strict as AWS.

let outputs: Outputs;
let api: Outputs;

beforeAll(async () => {
  const realm = { Issuer: 'https://id.example.com/realms/main', Audience: 'demo-api' };
  outputs = await deploy('faults', inject('template'), realm);
  const recipe = 'infra/attach/cloudformation/template.yaml';
  api = await deploy('faults-api', recipe, { AuthorizerArn: '/faults/authorizer-arn' });
});

async function givenKey(...options: readonly string[]): Promise<string> {
  const table = ['--table', outputs['TableName'] ?? ''];
  await gatepass('users', 'create', 'user-42', ...table);
  const name = `key ${crypto.randomUUID()}`;
  const { stdout, stderr } = await gatepass(
    'keys',
    'create',
    '--user',
    'user-42',
    '--name',
    name,
    ...options,
    ...table,
  );
  if (stdout === '') throw new Error(stderr);
  return stdout.trim();
}

/** Deploys a template of a test's own. */
async function deployed(name: string, template: object): Promise<Outputs> {
  const file = join(inject('folder'), `${name}.json`);
  await writeFile(file, JSON.stringify(template));
  return deploy(name, file, {});
}

describe('a REST API', () => {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
  test("ignores the conditions of an authorizer's policy, and denies at once what is to be denied at its end", async () => {
    expect((await call(api['ApiUrl'], '/orders/7', await givenKey('--expires', '90d'))).status).toBe(401);
    const lines = await readLog(outputs['AuthorizerLogGroup'] ?? '');
    expect(lines.at(-1)).toMatchObject({ outcome: 'allow', reason: 'api_key.valid' });
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html
  test("doesn't fill in $context.authorizer in a gateway response", async () => {
    expect((await call(api['ApiUrl'], '/orders/7', 'gp_live_unknown')).body).toBe(
      '{"error":"$context.authorizer.denyError","message":"$context.authorizer.denyMessage"}',
    );
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
describe('an OpenAPI document', () => {
  const mock = {
    responses: { 200: { description: 'all' } },
    'x-amazon-apigateway-integration': {
      type: 'mock',
      requestTemplates: { 'application/json': '{"statusCode":200}' },
      responses: { default: { statusCode: '200' } },
    },
  };
  const document = {
    openapi: '3.0.1',
    info: { title: 'imported', version: '1' },
    paths: { '/{proxy+}': { 'x-amazon-apigateway-any-method': mock }, '/fixed': { get: mock } },
    'x-amazon-apigateway-gateway-responses': { UNAUTHORIZED: { statusCode: 418 } },
  };
  const methodsSchema = v.object({
    items: v.array(v.object({ path: v.string(), resourceMethods: v.optional(v.record(v.string(), v.unknown()), {}) })),
  });
  let id = '';

  beforeAll(async () => {
    id = await deployBody(document);
  });

  /** Returns the API's id. */
  async function deployBody(Body: object): Promise<string> {
    const { Id = '' } = await deployed('openapi-body', {
      Resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Body } } },
      Outputs: { Id: { Value: { Ref: 'Api' } } },
    });
    return Id;
  }

  async function readMethods(api: string): Promise<Readonly<Record<string, string>>> {
    const resources = await aws('apigateway', 'get-resources', '--rest-api-id', api, '--embed', 'methods');
    const { items } = v.parse(methodsSchema, resources);
    return Object.fromEntries(items.map(({ path, resourceMethods }) => [path, Object.keys(resourceMethods).join()]));
  }

  test('that is imported is not read at all', async () => {
    const file = join(inject('folder'), 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const imported = await aws('apigateway', 'import-rest-api', '--body', `fileb://${file}`);
    expect(await readMethods(v.parse(v.object({ id: v.string() }), imported).id)).toEqual({ '/': '' });
  });

  test('in a template loses its methods that stand for any', async () => {
    expect(await readMethods(id)).toMatchObject({ '/fixed': 'GET', '/{proxy+}': '' });
  });

  test('in a template loses its gateway responses', async () => {
    const which = ['--rest-api-id', id, '--response-type', 'UNAUTHORIZED'];
    expect(await aws('apigateway', 'get-gateway-response', ...which)).toMatchObject({ statusCode: '401' });
  });

  test("in a template loses its mocks' responses", async () => {
    const resources = await aws('apigateway', 'get-resources', '--rest-api-id', id, '--embed', 'methods');
    expect(JSON.stringify(resources)).toContain('"integrationResponses":{}');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html
  test('in a template that changes makes another API, with another URL', async () => {
    const changed = await deployBody({ ...document, info: { title: 'imported', version: '2' } });
    expect(changed).toEqual(expect.any(String));
    expect(changed).not.toBe(id);
  });
});

describe('CloudFormation', () => {
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
  test('has no metric math in an alarm', async () => {
    const Metrics = [
      { Id: 'one', Expression: 'two * 2' },
      {
        Id: 'two',
        ReturnData: false,
        MetricStat: { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'Sum' },
      },
    ];
    const Properties = { Metrics, Threshold: 1, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanThreshold' };
    const template = { Resources: { Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties } } };
    await expect(deployed('metric-math', template)).rejects.toThrow('metric math');
  });
});
