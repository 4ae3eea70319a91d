import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { describeLeastPrivilege } from './suites/least-privilege.ts';
import { describeLogout } from './suites/logout.ts';
import { describeSelfService } from './suites/self-service.ts';
import { describeSync } from './suites/sync.ts';
import { describeUsage } from './suites/usage.ts';
import { type Everything, STACK, startEverything } from './support/everything.ts';
import { readLog } from './support/functions.ts';
import { deploy } from './support/stack.ts';
import { call } from './support/stage.ts';

let started: Everything;

beforeAll(async () => {
  started = await startEverything();
});

afterAll(() => started?.stop());

describe('the template with everything on', () => {
  test('lets a key with an end in, and a token of a realm behind a private CA', async () => {
    const { api, realm, ada, key } = started;
    const { access_token: token } = await realm.logIn('demo-web', ada);
    expect(await call(api['ApiUrl'], '/orders/7', key)).toEqual({
      status: 200,
      body: JSON.stringify({ userId: ada.id, authMethod: 'api_key' }),
    });
    expect(await call(api['ApiUrl'], '/orders/7', `Bearer ${token}`)).toEqual({
      status: 200,
      body: JSON.stringify({ userId: ada.id, authMethod: 'bearer' }),
    });
  });

  test('says in its log that policies have no conditions', async () => {
    const lines = await readLog(started.outputs['AuthorizerLogGroup'] ?? '');
    expect(lines).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining('may outlive its token') }),
    );
  });
});

describeUsage(() => started);

describeSelfService(() => started);

describeLogout(() => started);

describeSync(() => started);

describeLeastPrivilege(() => started);

test('a second deployment with changed parameters goes through, and the key goes on working', async () => {
  const { parameters, api, key } = started;
  const changed = { ...parameters, AuthorizerTtl: '30', MemorySize: '512', AccessLogs: 'false' };
  await deploy(STACK, inject('template'), changed);
  expect((await call(api['ApiUrl'], '/orders/7', key)).status).toBe(200);
});
