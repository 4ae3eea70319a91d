import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { getKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { PROGRAM_LIMIT_MS } from '../support/program.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/cli/index.mjs', import.meta.url));

let embedded: EmbeddedTable;
let folder: string;
let admin: Admin;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-cli-changes-'));
  embedded = await startEmbeddedTable();
  admin = openAdmin({ table: embedded.table });
});

afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true });
});

function gatepass(...args: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  const connection = ['--table', LOCAL_TABLE, '--endpoint-url', embedded.endpoint];
  const options = { env: { HOME: folder, ...LOCAL_AWS }, timeout: PROGRAM_LIMIT_MS };
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args, ...connection], options, (error, out, err) => {
      resolve({ status: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

async function givenKey(userId: string, expiresAt?: number): Promise<string> {
  await createAccount(admin, { userId });
  return (await createKey(admin, { userId, name: 'CI', expiresAt })).item.keyId;
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

describe('gatepass keys update', () => {
  it('moves the end to a date, to a time from now, and takes it away', async () => {
    const keyId = await givenKey('ada', nowSeconds() + 3600);
    const dated = await gatepass('keys', 'update', keyId, '--expires', '2099-12-31', '--name', 'laptop', '--json');
    expect(JSON.parse(dated.out)).toMatchObject({ changed: true, name: 'laptop', expiresAt: 4_102_358_400 });
    await gatepass('keys', 'update', keyId, '--expires', '30d');
    const { expiresAt = 0 } = await getKey(admin, keyId);
    expect(Math.abs(expiresAt - nowSeconds() - 30 * 86_400)).toBeLessThan(60);
    const limited = await gatepass('keys', 'update', keyId, '--expires', 'never', '--network', '192.0.2.0/24');
    expect(limited).toMatchObject({ status: 0, err: '' });
    expect(await getKey(admin, keyId)).toMatchObject({ allowedNetworks: ['192.0.2.0/24'] });
    expect(await getKey(admin, keyId)).not.toHaveProperty('expiresAt');
    expect((await gatepass('keys', 'update', keyId, '--any-network')).status).toBe(0);
    expect(await getKey(admin, keyId)).not.toHaveProperty('allowedNetworks');
  });

  it('needs to be told what, and not two things at once', async () => {
    const keyId = await givenKey('bob');
    const nothing = await gatepass('keys', 'update', keyId);
    expect(nothing).toMatchObject({ status: 2, err: expect.stringMatching(/What is to be changed\? Give --name/) });
    const both = await gatepass('keys', 'update', keyId, '--any-network', '--network', '192.0.2.0/24');
    expect(both).toMatchObject({ status: 2, err: expect.stringMatching(/cannot be used with option/) });
    const past = await gatepass('keys', 'update', keyId, '--expires', '2020-01-01');
    expect(past).toMatchObject({ status: 2, err: expect.stringMatching(/'--expires <when>'.*in the future/) });
  });
});

it('gatepass keys rotate says the earlier end of grace and key, and that the expiry stays', async () => {
  const end = nowSeconds() + 3600;
  const keyId = await givenKey('cal', end);
  const { status, err } = await gatepass('keys', 'rotate', keyId, '--grace', '3650d');
  const shown = new Date(end * 1000).toISOString().replace('.000Z', 'Z');
  expect(err).toContain(`The old secret works until ${shown}.`);
  expect(err).toContain(`The key still ends at ${shown}: "gatepass keys update" moves it.`);
  expect(status).toBe(0);
});

it('gatepass keys list --expiring lists those of all users, the soonest first', async () => {
  const late = await givenKey('dan', nowSeconds() + 7000);
  const soon = await givenKey('eve', nowSeconds() + 6900);
  const { out } = await gatepass('keys', 'list', '--expiring', '2h', '--json');
  const ids = JSON.parse(out).map(({ keyId }: { keyId: string }) => keyId);
  expect(ids.filter((keyId: string) => [late, soon].includes(keyId))).toEqual([soon, late]);
  const ofDan = await gatepass('keys', 'list', '--expiring', '2h', '--user', 'dan', '--json');
  expect(JSON.parse(ofDan.out)).toMatchObject([{ keyId: late }]);
  expect(await gatepass('keys', 'list')).toMatchObject({ status: 2, err: expect.stringMatching(/Which keys\?/) });
});

it('gatepass users update changes what is given; a role with a comma stays one role', async () => {
  await createAccount(admin, { userId: 'fay', email: 'fay@example.com' });
  const { out } = await gatepass('users', 'update', 'fay', '--email', '', '--role', 'a,b', 'c', '--json');
  expect(JSON.parse(out)).toMatchObject({ changed: true, roles: ['a,b', 'c'] });
  expect(await getAccount(admin, 'fay')).not.toHaveProperty('email');
  await gatepass('users', 'create', 'gus', '--role', 'x,y');
  expect(await getAccount(admin, 'gus')).toMatchObject({ roles: ['x,y'] });
  expect((await gatepass('users', 'update', 'fay')).status).toBe(2);
});

it('gatepass users restore brings a deleted user back', async () => {
  await createAccount(admin, { userId: 'hal' });
  await deleteAccount(admin, 'hal');
  expect((await gatepass('users', 'show', 'hal')).out).toMatch(/^hal +deleted/m);
  expect((await gatepass('users', 'restore', 'hal')).out).toMatch(/^hal +active/m);
  expect((await gatepass('users', 'restore', 'hal')).err).toMatch(/It was so already/);
});

describe('gatepass users move', () => {
  it('moves one user, and says so when that user is asked for', async () => {
    const keyId = await givenKey('ivy');
    expect((await gatepass('users', 'move', 'ivy', 'ivy-2', '--yes')).out).toMatch(/^ivy-2 +active +.*1 /m);
    expect(await getKey(admin, keyId)).toMatchObject({ userId: 'ivy-2' });
    expect((await gatepass('users', 'show', 'ivy')).out).toMatch(/^ivy +moved to ivy-2/m);
  });

  it('moves whom a map names, tells who is refused, and may be repeated', async () => {
    for (const name of ['jan', 'kim', 'lea', 'taken']) await givenKey(name);
    const map = join(folder, 'moves.csv');
    writeFileSync(map, 'old,new\njan,jan-2\nkim,taken\nnobody,nobody-2\nlea,lea-2\n');
    const first = await gatepass('users', 'move', '--map', map, '--yes');
    expect(first.out).toBe('2 users moved, 0 were moved already, 2 refused.\n');
    expect(first.err).toMatch(/line 3: User taken has keys already.*--merge/);
    expect(first.err).toMatch(/line 4: There is no user nobody/);
    expect(first.status).toBe(1);
    const again = await gatepass('users', 'move', '--map', map, '--yes', '--merge', '--json');
    expect(JSON.parse(again.out)).toMatchObject({
      ...{ moved: 1, unchanged: 2, refused: [{ line: 4, from: 'nobody', code: 'user_not_found' }] },
    });
  });

  it('moves nobody by a map that is wrong anywhere, nor without a word from somebody', async () => {
    await givenKey('max');
    const map = join(folder, 'wrong.csv');
    writeFileSync(map, 'max,max-2\nmax-2,max-3\n');
    expect(await gatepass('users', 'move', '--map', map, '--yes')).toMatchObject({
      status: 2,
      err: expect.stringMatching(/Line 1 of the map: max-2 is to be moved itself, on line 2/),
    });
    expect((await gatepass('users', 'move', 'max', 'max-2')).status).toBe(2);
    expect((await gatepass('users', 'move', 'max', '--yes')).err).toMatch(/Give OLD and NEW, or --map FILE/);
    expect((await gatepass('users', 'move', '--map', join(folder, 'none.csv'), '--yes')).err).toMatch(/check --map/);
    expect(await getAccount(admin, 'max')).toMatchObject({ active: true });
  });
});
