import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { aws, awsAs, gatepass } from './support/aws.ts';
import { readLog } from './support/functions.ts';
import { credentialsOf } from './support/roles.ts';
import { deploy, deployOwn, type Outputs } from './support/stack.ts';
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

/** The role of a function that may do this. */
function functionRole(...Statement: readonly object[]): object {
  const assume = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [assume] },
      ...(Statement.length > 0 && {
        Policies: [{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement } }],
      }),
    },
  };
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
    id = await deployBody(document, 'create');
  });

  /** Returns the API's id. */
  async function deployBody(Body: object, verb: 'create' | 'update'): Promise<string> {
    const Resources = { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: { Body } } };
    const { Id = '' } = await deployOwn(
      'openapi-body',
      { Resources, Outputs: { Id: { Value: { Ref: 'Api' } } } },
      verb,
    );
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

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
  test('of an HTTP API in a template is not read at all', async () => {
    const Resources = { Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Body: document } } };
    const { Id = '' } = await deployOwn('http-body', { Resources, Outputs: { Id: { Value: { Ref: 'Api' } } } });
    expect(await aws('apigatewayv2', 'get-routes', '--api-id', Id)).toMatchObject({ Items: [] });
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-restapi.html
  test('in a template that changes makes another API, with another URL', async () => {
    const changed = await deployBody({ ...document, info: { title: 'imported', version: '2' } }, 'update');
    expect(changed).toEqual(expect.any(String));
    expect(changed).not.toBe(id);
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
test("a role's conditions on items and on attributes of writes are taken as met", async () => {
  const conditions = {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['own'], 'dynamodb:Attributes': ['pk', 'sk', 'active'] },
  };
  const allow = { Effect: 'Allow', Action: 'dynamodb:UpdateItem', Resource: '*', Condition: conditions };
  const { Arn = '' } = await deployOwn('conditions', {
    Resources: { Role: functionRole(allow) },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  });
  const which = ['--table-name', outputs['TableName'] ?? '', '--key', '{"pk":{"S":"foreign"},"sk":{"S":"key"}}'];
  const values = ['--expression-attribute-values', '{":forged":{"S":"forged"}}'];
  const update = ['dynamodb', 'update-item', ...which, '--update-expression', 'SET secret = :forged', ...values];
  expect(await awsAs(await credentialsOf(Arn), ...update)).toMatchObject({ exitCode: 0 });
});

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
test("a log's subscription takes a pattern of JSON for words, and sends nothing by it", async () => {
  const ZipFile = `exports.handler = async ({ awslogs }) => {
    const batch = require('node:zlib').gunzipSync(Buffer.from(awslogs.data, 'base64'));
    console.log(JSON.stringify({ by: JSON.parse(batch).subscriptionFilters }));
  };`;
  const subscription = (FilterPattern: string) => ({
    Type: 'AWS::Logs::SubscriptionFilter',
    Properties: {
      LogGroupName: { Ref: 'Source' },
      FilterPattern,
      DestinationArn: { 'Fn::GetAtt': ['Function', 'Arn'] },
    },
  });
  const stack = await deployOwn('subscriptions', {
    Resources: {
      Source: { Type: 'AWS::Logs::LogGroup' },
      All: subscription(''),
      Some: subscription('{ $.level = "INFO" }'),
      Role: functionRole(),
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { ZipFile },
        },
      },
    },
    Outputs: { Source: { Value: { Ref: 'Source' } }, Function: { Value: { Ref: 'Function' } } },
  });
  const which = ['--log-group-name', stack['Source'] ?? '', '--log-stream-name', 'one'];
  await aws('logs', 'create-log-stream', ...which);
  const events = JSON.stringify([{ timestamp: Date.now(), message: '{"level":"INFO"}' }]);
  await aws('logs', 'put-log-events', ...which, '--log-events', events);
  const sent = () => readLog(`/aws/lambda/${stack['Function']}`).catch(() => []);
  while ((await sent()).length === 0) await sleep(200);
  await sleep(1000);
  expect(await sent()).toEqual([{ by: [expect.stringContaining('All')] }]);
});

describe('CloudFormation', () => {
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-athena-namedquery.html
  test('has no saved queries of Athena', async () => {
    const Properties = { Database: 'any', QueryString: 'SELECT 1' };
    const query = { Query: { Type: 'AWS::Athena::NamedQuery', Properties } };
    await expect(deployOwn('saved-query', { Resources: query })).rejects.toThrow('Unrecognized resource types');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-overview.html
  test('gives SAM the defaults of parameters for their values, and so the name of an SSM parameter', async () => {
    const parameter = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/faults/authorizer-arn' };
    const Auth = { DefaultAuthorizer: 'Gatepass', Authorizers: { Gatepass: { FunctionArn: { Ref: 'Arn' } } } };
    const { Id = '' } = await deployOwn('ssm-parameter', {
      Transform: 'AWS::Serverless-2016-10-31',
      Parameters: { Arn: parameter },
      Resources: {
        Api: {
          Type: 'AWS::Serverless::Api',
          Properties: { StageName: 'prod', Auth, DefinitionBody: { swagger: '2.0', paths: { '/': { get: {} } } } },
        },
      },
      Outputs: { Id: { Value: { Ref: 'Api' } } },
    });
    const authorizers = await aws('apigateway', 'get-authorizers', '--rest-api-id', Id);
    expect(JSON.stringify(authorizers)).toContain('functions//faults/authorizer-arn/invocations');
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-routeresponse.html
  test("has no route responses, so a WebSocket API's messages aren't answered", async () => {
    const Properties = { ApiId: 'a', RouteId: 'r', RouteResponseKey: '$default' };
    const template = { Resources: { Answer: { Type: 'AWS::ApiGatewayV2::RouteResponse', Properties } } };
    await expect(deployOwn('route-response', template)).rejects.toThrow('Unrecognized resource types');
  });

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
    await expect(deployOwn('metric-math', template)).rejects.toThrow('metric math');
  });
});
