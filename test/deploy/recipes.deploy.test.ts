import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { CDK_TEMPLATE, installCdkPackages, synthesise } from '../../infra/check/cdk.mjs';
import { withProgress } from '../e2e/support/progress.ts';
import { aws, gatepass, mustRun } from './support/aws.ts';
import { deploy, deployPlain, type Outputs } from './support/stack.ts';
import { call } from './support/stage.ts';
import { adapt } from './support/unsupported.ts';
import { openWebSocket } from './support/websocket.ts';

// The authorizer's stack has the name that the recipes look for, so they are deployed as they stand.
let outputs: Outputs;
let key = '';

beforeAll(async () => {
  outputs = await deploy('gatepass', inject('template'), {
    Issuer: 'https://id.example.com/realms/main',
    Audience: 'demo-api',
  });
  const table = ['--table', outputs['TableName'] ?? ''];
  await gatepass('users', 'create', 'user-42', ...table);
  key = (await gatepass('keys', 'create', '--user', 'user-42', '--name', 'laptop', ...table)).stdout.trim();
});

const UNKNOWN = 'gp_live_unknown';
const CALLER = JSON.stringify({ userId: 'user-42', authMethod: 'api_key' });

/** What every REST API of a recipe does, as far as the emulator goes: the body of a refusal is never filled in there. */
async function expectContract(url: string | undefined): Promise<void> {
  expect(await call(url, '/orders/7', key)).toEqual({ status: 200, body: CALLER });
  expect((await call(url, '/orders/7', UNKNOWN)).status).toBe(401);
  expect(await call(url, '/orders/7')).toEqual({
    status: 401,
    body: '{"error":"missing_authorization","message":"Authorization header is missing"}',
  });
  expect((await call(url, '/orders/7', undefined, { method: 'OPTIONS' })).status).toBeLessThan(300);
}

/** Who may call the authorizer. */
async function readPermissions(): Promise<string> {
  return JSON.stringify(await aws('lambda', 'get-policy', '--function-name', outputs['AuthorizerArn'] ?? ''));
}

function idOf(url = ''): string {
  return url.slice('https://'.length).split('.')[0] ?? '';
}

describe('each recipe, deployed beside the authorizer as its README says', () => {
  test('CloudFormation', async () => {
    const { ApiUrl } = await deployPlain('recipe-cloudformation', 'infra/attach/cloudformation/template.yaml');
    await expectContract(ApiUrl);
  });

  test('SAM: but for its gateway responses, which the emulator loses', async () => {
    const template = await adapt('infra/attach/sam/template.yaml', inject('folder'), outputs['AuthorizerArn']);
    const { ApiUrl } = await deploy('recipe-sam', template, {});
    expect(await call(ApiUrl, '/orders/7', key)).toEqual({ status: 200, body: CALLER });
    expect((await call(ApiUrl, '/orders/7', UNKNOWN)).status).toBe(403);
    expect((await call(ApiUrl, '/orders/7')).status).toBe(401);
  });

  test('HTTP API: deployed, with the permission; its routes the emulator does not read', async () => {
    const { ApiUrl } = await deploy('recipe-http-api', 'infra/attach/http-api/template.yaml', {});
    expect((await call(ApiUrl, '/orders/7', key)).status).toBe(404);
    expect(await readPermissions()).toContain(idOf(ApiUrl));
  });

  test('WebSocket API: the connection is decided', async () => {
    const template = await adapt('infra/attach/websocket/template.yaml', inject('folder'));
    const { ApiUrl } = await deployPlain('recipe-websocket', template);
    const connection = await openWebSocket(ApiUrl, key);
    expect(connection.status).toBe(101);
    connection.close();
    expect((await openWebSocket(ApiUrl, UNKNOWN)).status).toBe(403);
    expect((await openWebSocket(ApiUrl)).status).toBe(401);
  });

  test('CDK: what it synthesises', async () => {
    await withProgress('synthesise the CDK example', async () => {
      await installCdkPackages();
      await synthesise();
    });
    const template = join(inject('folder'), 'cdk.json');
    await copyFile(CDK_TEMPLATE, template);
    // What `cdk bootstrap` leaves in an account.
    const version = ['--name', '/cdk-bootstrap/hnb659fds/version', '--type', 'String', '--value', '21'];
    await aws('ssm', 'put-parameter', ...version);
    const { ApiEndpoint4F160690: url } = await deployPlain('my-api', template);
    await expectContract(url);
  });

  test('OpenAPI: imported, permitted and deployed; its routes the emulator does not read', async () => {
    const env = { AUTHORIZER_ARN: outputs['AuthorizerArn'] ?? '', BACKEND_URL: 'https://backend.example.com' };
    const url = await mustRun('infra/attach/openapi/import.sh', [], env);
    expect(url).toMatch(/^https:\/\/[^.]+\.execute-api\.eu-west-1\.amazonaws\.com\/prod$/);
    expect(await readPermissions()).toContain(`${idOf(url)}/authorizers/*`);
  });

  test('exact counts: what their stream is given lies in the bucket, by the day of its arrival', async () => {
    await aws('logs', 'create-log-group', '--log-group-name', 'access');
    const template = await adapt('infra/attach/usage/template.yaml', inject('folder'));
    const stack = await deploy('usage-counts', template, { AccessLogGroup: 'access' });
    const [bucket, stream] = [stack['BucketName'] ?? '', stack['StreamName'] ?? ''];
    // By a subscription the emulator sends a stream nothing, against
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#FirehoseExample
    const log = ['--log-group-name', 'access', '--log-stream-name', 'one'];
    await aws('logs', 'create-log-stream', ...log);
    const events = JSON.stringify([{ timestamp: Date.now(), message: '{"requestId":"of the log"}' }]);
    await aws('logs', 'put-log-events', ...log, '--log-events', events);
    const line = '{"requestId":"one"}';
    const record = JSON.stringify({ Data: line });
    await aws('firehose', 'put-record', '--delivery-stream-name', stream, '--record', record);

    const listed = await aws('s3api', 'list-objects-v2', '--bucket', bucket);
    const { Contents } = v.parse(v.object({ Contents: v.array(v.object({ Key: v.string() })) }), listed);
    const day = /^requests\/arrived=\d{4}-\d\d-\d\d\//;
    expect(Contents).toEqual([{ Key: expect.stringMatching(day) }]);
    const file = join(inject('folder'), 'line');
    await aws('s3api', 'get-object', '--bucket', bucket, '--key', Contents[0]?.Key ?? '', file);
    expect(await readFile(file, 'utf8')).toBe(line);
  });
});
