import { createHash, randomBytes } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { PassOptions } from '../../src/sync/pass.ts';
import { sync } from '../../src/sync/sync.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import type { RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

const REDIRECT_URI = 'http://localhost:3000/';

let realm: SyncedRealm;
let table: TestTable;

beforeAll(async () => {
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-leaving');
  table = await createTestTable(inject('dynamoDbEndpoint'), 'leaving');
  await realm.admin.put('/events/config', { eventsEnabled: true, enabledEventTypes: ['DELETE_ACCOUNT'] });
  const action = v.parse(v.looseObject({}), await realm.admin.get('/authentication/required-actions/delete_account'));
  await realm.admin.put('/authentication/required-actions/delete_account', { ...action, enabled: true });
});

afterAll(() => realm?.proxy.stop());

async function givenUser(username: string): Promise<RealmUser> {
  const user = await realm.createUser({ username, email: `${username}@example.com`, firstName: 'A', lastName: 'B' });
  await table.commandDone('users', 'create', user.id);
  return user;
}

/** Lets a user delete their own account, as they do in a browser: signs in for that action, and confirms it. */
async function deleteSelf({ id, username, password }: RealmUser): Promise<void> {
  const [client] = v.parse(v.tuple([v.object({ id: v.string() })]), await realm.admin.get('/clients?clientId=account'));
  const role = await realm.admin.get(`/clients/${client.id}/roles/delete-account`);
  await realm.admin.post(`/users/${id}/role-mappings/clients/${client.id}`, [role]);

  const cookies = new Map<string, string>();
  async function open(url: string, form?: Record<string, string>): Promise<string> {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null && !location.startsWith(REDIRECT_URI)) return open(new URL(location, url).href);
    return location ?? (await response.text());
  }
  const actionOf = (page: string) => (/<form[^>]* action="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&amp;', '&');

  const challenge = createHash('sha256').update(randomBytes(32).toString('hex')).digest('base64url');
  const query = new URLSearchParams({
    ...{ client_id: 'demo-web', redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256', kc_action: 'delete_account' },
  });
  const signIn = await open(`${realm.issuer}/protocol/openid-connect/auth?${query}`);
  const confirm = await open(actionOf(signIn), { username, password });
  await open(actionOf(confirm), {});
  expect(await realm.connect().findUser(id)).toBe('gone');
}

function pass(options: Partial<PassOptions> = {}) {
  const parts = { realm: realm.connect(), table, issuer: realm.issuer };
  return sync(parts, { pass: 'full', accountCheck: 'all', ...options });
}

test('users who deleted themselves keep nobody from being cut off, and are cut off too', async () => {
  const admin = await givenUser('admin');
  await table.createKey(admin.id);
  const leaving = [await givenUser('ann'), await givenUser('ben'), await givenUser('cid'), await givenUser('dot')];
  await pass();
  for (const user of leaving) await deleteSelf(user);
  await realm.remove(`/users/${admin.id}`);

  // Without a right to the events they look as a mistake would. The administrator's key is judged by itself.
  await expect(pass()).rejects.toMatchObject({ code: 'safety_stop' });
  expect(await table.readAccount(admin.id)).toMatchObject({ active: false });
  for (const { id } of leaving) expect(await table.readAccount(id)).toMatchObject({ active: true });

  await realm.grant('view-events');
  expect((await pass()).changes.map(({ userId, because }) => [userId, because]).toSorted()).toEqual(
    leaving.map(({ id }) => [id, 'gone']).toSorted(),
  );
});
