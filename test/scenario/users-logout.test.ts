import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { getKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { moveAccount } from '../../src/accounts/move-account.ts';
import { createProgram } from '../../src/cli/program.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createRedact } from '../../src/redact.ts';
import { revokedUserAt } from '../../src/table/items.ts';
import { readItem } from '../../src/table/read.ts';
import { recordOutput } from '../support/recorded-output.ts';
import { type ServedRealm, startServedRealm } from '../support/served-realm.ts';

let embedded: EmbeddedTable;
let realm: ServedRealm;
let admin: Admin;

beforeEach(async () => {
  embedded = await startEmbeddedTable();
  realm = await startServedRealm();
  realm.rights = ['view-users', 'manage-users'];
  realm.users = [{ id: 'ada', enabled: true, offlineSessions: ['offline-1', 'offline-2'] }];
  admin = openAdmin({ table: embedded.table });
  for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
  vi.stubEnv('GATEPASS_SYNC_CLIENT_SECRET', realm.clientSecret);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await realm.stop();
  await embedded.stop();
});

async function logOut(...args: readonly string[]) {
  const output = recordOutput();
  const at = ['--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint, '--issuer', realm.issuer];
  await createProgram(output, createRedact([])).parseAsync(['users', 'logout', ...args, ...at], { from: 'user' });
  return output;
}

const notBeforeOf = async (userId: string) => (await readItem(embedded.table, revokedUserAt(userId)))?.['notBefore'];

async function givenKey(userId: string): Promise<string> {
  return (await createKey(admin, { userId, name: 'CI' })).item.keyId;
}

/** What was asked that changes something. */
const changes = () => realm.asked.filter((request) => !/^GET|\/token$/.test(request));

describe('gatepass users logout', () => {
  it("ends all sessions at the realm, then revokes what was issued until a second after the realm's word", async () => {
    const { results, messages } = await logOut('ada');
    expect(changes()).toEqual([
      'POST /users/ada/logout',
      'DELETE /sessions/offline-1?isOffline=true',
      'DELETE /sessions/offline-2?isOffline=true',
    ]);
    expect(await readItem(embedded.table, revokedUserAt('ada'))).toEqual({
      ...revokedUserAt('ada'),
      notBefore: realm.seconds + 1,
    });
    expect(results()).toMatch(/ada +ended +2 +issued until 2026-11-24T08:15:31Z/);
    expect(messages()).toMatch(/60 s at most[\s\S]*GATEPASS_ACCOUNT_CHECK[\s\S]*--keys/);
  });

  it('never lowers what is there, and a repeat changes nothing', async () => {
    await logOut('ada');
    realm.seconds -= 100;
    await logOut('ada');
    expect(await notBeforeOf('ada')).toBe(1_795_508_131);
  });

  it('changes nothing where the realm may not be asked to, and says which role is missing', async () => {
    realm.rights = ['view-users'];
    await expect(logOut('ada')).rejects.toMatchObject({
      code: 'realm_role',
      message: expect.stringContaining('manage-users'),
    });
    expect(await notBeforeOf('ada')).toBeUndefined();
  });

  it('changes nothing for an id that neither the realm nor the table knows', async () => {
    await expect(logOut('adda')).rejects.toMatchObject({ code: 'user_not_found' });
    expect(await notBeforeOf('adda')).toBeUndefined();
  });

  it('revokes the tokens of a user who is gone from the realm, by the clock here', async () => {
    await createAccount(admin, { userId: 'bob' });
    const before = Math.floor(Date.now() / 1000);
    expect((await logOut('bob')).results()).toContain('the realm has no such user');
    const notBefore = Number(await notBeforeOf('bob'));
    expect(notBefore - before).toBeGreaterThanOrEqual(30);
    expect(notBefore - before).toBeLessThan(90);
  });

  it('says as JSON what it did', async () => {
    await createAccount(admin, { userId: 'ada' });
    const keyId = await givenKey('ada');
    expect(JSON.parse((await logOut('ada', '--keys', '--json')).results())).toEqual({
      userId: 'ada',
      realm: { notBefore: realm.seconds, offlineSessions: 2 },
      notBefore: realm.seconds + 1,
      disabledKeys: [keyId],
    });
  });
});

describe('gatepass users logout --keys', () => {
  it("disables the user's keys, by an operator's word, and nobody else's", async () => {
    for (const userId of ['ada', 'bob']) await createAccount(admin, { userId });
    const keys = [await givenKey('ada'), await givenKey('ada')];
    const other = await givenKey('bob');
    expect((await logOut('ada', '--keys')).messages()).toContain('Tokens and keys are refused');
    for (const keyId of keys) {
      expect(await getKey(admin, keyId)).toMatchObject({ active: false, disabledBy: 'operator' });
    }
    expect(await getKey(admin, other)).toMatchObject({ active: true });
    expect(JSON.parse((await logOut('ada', '--keys', '--json')).results())).toMatchObject({ disabledKeys: [] });
  });

  it('leaves keys alone without it', async () => {
    await createAccount(admin, { userId: 'ada' });
    const keyId = await givenKey('ada');
    await logOut('ada');
    expect(await getKey(admin, keyId)).toMatchObject({ active: true });
  });

  it('finds none of a user without an account, or of a deleted one', async () => {
    expect(JSON.parse((await logOut('ada', '--keys', '--json')).results())).toMatchObject({ disabledKeys: [] });
    await createAccount(admin, { userId: 'ada' });
    await deleteAccount(admin, 'ada');
    expect(JSON.parse((await logOut('ada', '--keys', '--json')).results())).toMatchObject({ disabledKeys: [] });
  });

  it('is refused for an id whose keys were moved to another, before anything changes', async () => {
    await createAccount(admin, { userId: 'ada' });
    await moveAccount(admin, { from: 'ada', to: 'countess' });
    await expect(logOut('ada', '--keys')).rejects.toMatchObject({ code: 'user_moved' });
    expect(changes()).toEqual([]);
    expect(await notBeforeOf('ada')).toBeUndefined();
  });
});
