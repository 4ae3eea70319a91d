import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Everything, PAGE_CLIENT } from '../support/everything.ts';
import { readLog } from '../support/functions.ts';
import { type Role, roleOf } from '../support/roles.ts';
import { type Answer, call, type Request } from '../support/stage.ts';

const madeSchema = v.object({ apiKey: v.string(), key: v.object({ id: v.string() }) });

/** The keys API and its page, deployed: each of its rights is needed, and an authorizer of its own is in front. */
export function describeSelfService(started: () => Everything): void {
  let token = '';
  let keyId = '';

  beforeAll(async () => {
    const { realm, ada } = started();
    token = (await realm.logIn(PAGE_CLIENT, ada)).access_token;
  });

  function ask(path: string, authorization?: string, request?: Request): Promise<Answer> {
    return call(started().outputs['SelfServiceUrl'], path, authorization, request);
  }

  function make(name: string): Promise<Answer> {
    return ask('/api/keys', `Bearer ${token}`, { method: 'POST', body: { name } });
  }

  describe('self-service', () => {
    test('serves its page and the files that it names, to anybody', async () => {
      const page = await ask('');
      expect(page).toMatchObject({ status: 200, body: expect.stringContaining('<!doctype html>') });
      const [, file = ''] = /src="[^"]*\/(main\.[^"]+\.js)"/.exec(page.body) ?? [];
      expect(await ask(`/${file}`)).toMatchObject({ status: 200 });
    });

    test('lets no token of the API in, no key, and nobody without a token', async () => {
      const { realm, ada, key } = started();
      const { access_token: other } = await realm.logIn('demo-web', ada);
      // 401 on AWS: the emulator loses the gateway responses of an OpenAPI document.
      expect((await ask('/api/keys', `Bearer ${other}`)).status).toBe(403);
      expect((await ask('/api/keys')).status).toBe(403);
      expect(await ask('/api/keys', key)).toMatchObject({
        status: 403,
        body: expect.stringContaining('bearer_required'),
      });
    });

    test('makes a key, which the API lets in; its own token is none for the API', async () => {
      const { api, ada } = started();
      const made = await make('CI');
      expect(made.status).toBe(201);
      const { apiKey, key } = v.parse(madeSchema, JSON.parse(made.body));
      keyId = key.id;
      expect(await call(api['ApiUrl'], '/orders/7', apiKey)).toMatchObject({
        status: 200,
        body: expect.stringContaining(ada.id),
      });
      const listed = await ask('/api/keys', `Bearer ${token}`);
      expect(listed).toMatchObject({ status: 200, body: expect.stringContaining(key.id) });
      expect((await call(api['ApiUrl'], '/orders/7', `Bearer ${token}`)).status).toBe(401);
    });
  });

  describe("self-service's role", () => {
    let role: Role;

    beforeAll(async () => {
      role = await roleOf(started().resources.SelfServiceFunction);
    });

    const NEEDED_FOR: Readonly<Record<string, () => Promise<Answer>>> = {
      'ManageKeys dynamodb:GetItem': () => make('read'),
      'ManageKeys dynamodb:PutItem': () => make('written'),
      'ManageKeys dynamodb:Query': () => ask('/api/keys', `Bearer ${token}`),
      'ManageKeys dynamodb:UpdateItem': () => make('counted'),
      'ReadUsage dynamodb:Query': () => ask(`/api/keys/${keyId}/usage`, `Bearer ${token}`),
    };

    /** What is shown beside the keys, which are listed without it. */
    const NEEDED_FOR_USES = ['ReadUsage dynamodb:BatchGetItem', 'ReadUsage dynamodb:GetItem'];

    test('has no right that nothing here needs, but to write its log', () => {
      expect(role.rights).toEqual([...Object.keys(NEEDED_FOR), ...NEEDED_FOR_USES].sort());
    });

    test.each(NEEDED_FOR_USES)('%s: without it keys are listed, but not their use', async (right) => {
      const list = () => ask('/api/keys', `Bearer ${token}`);
      const { status, body } = await role.without([right], list);
      expect({ status, body }).toEqual({ status: 200, body: expect.stringContaining(keyId) });
      expect(body).not.toContain('usageSince');
      expect((await list()).body).toContain('usageSince');
    });

    test.each(Object.entries(NEEDED_FOR))(
      '%s: without it the answer is 503, and the log names the denial',
      async (right, act) => {
        expect(await role.without([right], act)).toMatchObject({
          status: 503,
          body: expect.stringContaining('"unavailable"'),
        });
        const lines = await readLog(started().resources.SelfServiceLogGroup);
        expect(lines.at(-1)).toMatchObject({ outcome: 'unavailable', error: expect.stringContaining('AccessDenied') });
        expect((await act()).status).toBeLessThan(300);
      },
    );
  });

  describe("the role of self-service's authorizer", () => {
    let role: Role;

    beforeAll(async () => {
      role = await roleOf(started().resources.SelfServiceAuthorizerFunction);
    });

    test('has no right that the other authorizer lacks', async () => {
      expect(role.rights).toEqual((await roleOf(started().resources.AuthorizerFunction)).rights);
    });

    test('reads who is disabled: without dynamodb:BatchGetItem nobody is let in', async () => {
      const act = () => ask('/api/keys', `Bearer ${token}`);
      const { status } = await role.without(['ReadKeysAndAccounts dynamodb:BatchGetItem'], act);
      expect(status).toBeGreaterThanOrEqual(500);
      const lines = await readLog(started().resources.SelfServiceAuthorizerLogGroup);
      expect(lines.at(-1)).toMatchObject({ reason: 'fault.table', fault: expect.stringContaining('AccessDenied') });
      expect((await act()).status).toBe(200);
    });
  });
}
