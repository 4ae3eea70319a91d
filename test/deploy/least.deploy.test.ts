import { beforeAll, describe, expect, inject, test } from 'vitest';
import { aws, gatepass } from './support/aws.ts';
import { deleteStack, deploy, type Outputs } from './support/stack.ts';
import { call } from './support/stage.ts';

const STACK = 'least';
const REALM = { Issuer: 'https://id.example.com/realms/main', Audience: 'demo-api' };

let outputs: Outputs;
let api: Outputs;
let key = '';

beforeAll(async () => {
  outputs = await deploy(STACK, inject('template'), REALM);
  api = await deploy('least-api', 'infra/attach/cloudformation/template.yaml', {
    AuthorizerArn: `/${STACK}/authorizer-arn`,
  });
});

describe('the template with the least parameters', () => {
  test('has the outputs that docs/deploy.md goes on with, and no API', () => {
    expect(Object.keys(outputs).sort()).toEqual([
      'AuthorizerArn',
      'AuthorizerArnParameter',
      'AuthorizerLogGroup',
      'TableName',
    ]);
  });

  test('lets a user and a key be made on its table, and the key in', async () => {
    const table = ['--table', outputs['TableName'] ?? ''];
    expect(await gatepass('users', 'create', 'user-42', '--email', 'ada@example.com', ...table)).toMatchObject({
      exitCode: 0,
    });
    const created = await gatepass('keys', 'create', '--user', 'user-42', '--name', 'laptop', ...table);
    expect(created.exitCode).toBe(0);
    key = created.stdout.trim();
    expect(await call(api['ApiUrl'], '/orders/7', key)).toEqual({
      status: 200,
      body: JSON.stringify({ userId: 'user-42', authMethod: 'api_key' }),
    });
  });

  test('refuses a key that it does not know, a request without any, and a path that is not there', async () => {
    // The body of the first is API Gateway's to fill in, which MiniStack does not.
    expect((await call(api['ApiUrl'], '/orders/7', 'gp_live_unknown')).status).toBe(401);
    expect(await call(api['ApiUrl'], '/orders/7')).toEqual({
      status: 401,
      body: '{"error":"missing_authorization","message":"Authorization header is missing"}',
    });
    expect(await call(api['ApiUrl'], '/', key)).toEqual({
      status: 403,
      body: '{"error":"unknown_route","message":"No such path or method"}',
    });
  });

  test.each([
    [{ PolicyConditions: 'off', AuthorizerTtl: '61' }, 'AuthorizerTtl is 60 s at most'],
    [{ CaFile: '/opt/ca.pem' }, 'CaFile is in a layer, so give LayerArn too'],
  ])('refuses %o before anything is made, and says why', async (parameters, why) => {
    await expect(deploy('refused', inject('template'), { ...REALM, ...parameters })).rejects.toThrow(why);
  });

  test('writes a line on each decision to its log group', async () => {
    const group = outputs['AuthorizerLogGroup'] ?? '';
    const { events } = (await aws('logs', 'filter-log-events', '--log-group-name', group)) as {
      events: { message: string }[];
    };
    const text = events.map(({ message }) => message).join('\n');
    expect(text).toContain('allow: api_key.valid');
    expect(text).toContain('deny: api_key.malformed');
    expect(text).not.toContain(key);
  });

  test('is removed, and its table stays', async () => {
    await deleteStack('least-api');
    await deleteStack(STACK);
    const { TableNames } = (await aws('dynamodb', 'list-tables')) as { TableNames: string[] };
    expect(TableNames).toContain(outputs['TableName']);
  });
});
