import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createKeyId } from '../../src/key-format/format.ts';
import { forEachOf } from '../../src/pool.ts';
import { accountAt, apiKeyAt } from '../../src/table/items.ts';
import { type ServedRealm, startServedRealm } from '../support/served-realm.ts';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import { runCommand } from './support/command.ts';
import { AWS } from './support/environment.ts';
import { CLI_BUNDLE } from './support/gatepass.ts';
import { peakMegabytes, TELLING_PEAK } from './support/peak-memory.ts';
import { createTestTable, type TestTable } from './support/table.ts';

/** `npm run test:soak` takes 200,000 accounts with a realm of the tests' own, and 5,000 with Keycloak: minutes each. */
const OWN = Number(process.env['SYNC_ACCOUNTS'] ?? 3000);
const KEYCLOAK = Number(process.env['SYNC_USERS'] ?? 200);

const MOST_MS = 30 * 60_000;

const resultSchema = v.looseObject({
  pass: v.string(),
  compared: v.number(),
  changes: v.array(v.looseObject({ userId: v.string(), action: v.string() })),
  realmRequests: v.number(),
});

type Result = v.InferOutput<typeof resultSchema>;

/** Runs the built `gatepass sync`, and tells what it took. */
async function sync(table: TestTable, realm: { issuer: string; clientSecret: string }, ...args: string[]) {
  const onTable = ['--table', table.name, '--endpoint-url', table.endpoint];
  const startedAt = performance.now();
  const { exitCode, stdout, stderr } = await runCommand(
    process.execPath,
    [...TELLING_PEAK, CLI_BUNDLE, 'sync', '--issuer', realm.issuer, ...onTable, ...args, '--json'],
    { ...AWS, GATEPASS_SYNC_CLIENT_SECRET: realm.clientSecret },
  );
  if (exitCode !== 0) throw new Error(stderr);
  const result: Result = v.parse(resultSchema, JSON.parse(stdout));
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const megabytes = Math.round(peakMegabytes(stderr));
  const { pass, compared, changes, realmRequests } = result;
  process.stderr.write(
    `sync: ${pass} pass, ${compared} compared, ${changes.length} changed: ${realmRequests} requests, ${seconds} s, ${megabytes} MB\n`,
  );
  return { ...result, seconds, megabytes };
}

/** Accounts in which nothing but the id is right yet, every tenth with a key. */
async function seed({ client, name }: TestTable, ids: readonly string[]): Promise<void> {
  const written = { active: true, deleted: false, createdAt: 1_700_000_000, updatedAt: 1_700_000_000 };
  const items = ids.flatMap((userId, index) => {
    const account = { ...accountAt(userId), userId, ...written };
    return index % 10 > 0
      ? [account]
      : [account, { ...apiKeyAt(createKeyId(userId, randomBytes)), userId, ...written }];
  });
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, n) => items.slice(n * 25, (n + 1) * 25));
  await forEachOf(batches, 8, async (batch) => {
    await client.send(
      new BatchWriteCommand({ RequestItems: { [name]: batch.map((Item) => ({ PutRequest: { Item } })) } }),
    );
  });
}

describe(`${OWN} accounts, with a realm of the tests' own`, () => {
  let realm: ServedRealm;
  let table: TestTable;
  const ids = Array.from({ length: OWN }, () => randomUUID()).sort();

  beforeAll(async () => {
    realm = await startServedRealm();
    table = await createTestTable(inject('dynamoDbEndpoint'), 'many-accounts');
    realm.users = ids.map((id, index) => ({ id, enabled: true, email: `${index}@example.com`, firstName: 'Ada' }));
    realm.roles = [
      { name: 'default-roles-main', users: ids, composites: ['offline_access', 'uma_authorization'] },
      ...[{ name: 'offline_access' }, { name: 'uma_authorization' }],
      { name: 'viewer', users: ids.filter((_, index) => index % 3 === 0) },
      { name: 'editor', groups: ['editors'], composites: ['viewer'] },
      ...Array.from({ length: 20 }, (_, index) => ({ name: `role-${index}` })),
    ];
    realm.groups = [{ id: 'editors' }, { id: 'some', parent: 'editors', members: ids.filter((_, n) => n % 7 === 0) }];
    await seed(table, ids);
  }, MOST_MS);

  afterAll(() => realm?.stop());

  test('are all brought into line by one pass', { timeout: MOST_MS }, async () => {
    const { compared, changes, realmRequests } = await sync(table, realm);
    expect({ compared, changed: changes.length }).toEqual({ compared: OWN, changed: OWN });
    expect(realmRequests).toBeLessThanOrEqual(OWN / 10);
    expect(await table.readAccount(ids[0] ?? '')).toMatchObject({
      email: '0@example.com',
      roles: ['default-roles-main', 'editor', 'offline_access', 'uma_authorization', 'viewer'],
    });
  });

  test('cost a tenth of a request each at most where nothing has changed', { timeout: MOST_MS }, async () => {
    await sleep(1100); // what was changed in the second in which lists are begun is looked up
    const { compared, changes, realmRequests } = await sync(table, realm);
    expect({ compared, changes }).toEqual({ compared: OWN, changes: [] });
    expect(realmRequests).toBeLessThanOrEqual(OWN / 10);
  });

  test('of which some differ cost three requests more for each of these', { timeout: MOST_MS }, async () => {
    const some = 20;
    realm.users = realm.users.filter((_, index) => index >= some);
    realm.users = realm.users.map((user, index) => (index < some ? { ...user, enabled: false } : user));
    realm.roles = realm.roles.map((role) =>
      role.name === 'viewer' ? { ...role, users: (role.users ?? []).slice(0, -some) } : role,
    );
    const { changes, realmRequests } = await sync(table, realm);
    expect(changes.filter(({ action }) => action === 'disable')).toHaveLength(2 * some);
    expect(changes.length).toBeGreaterThan(2 * some);
    expect(realmRequests).toBeLessThanOrEqual(OWN / 10 + 4 * (changes.length + some));
  });
});

describe(`${KEYCLOAK} accounts, with Keycloak`, () => {
  let realm: SyncedRealm;
  let table: TestTable;
  const ids = Array.from({ length: KEYCLOAK }, () => randomUUID());

  beforeAll(async () => {
    realm = await startSyncedRealm(inject('keycloak'), 'gatepass-size');
    table = await createTestTable(inject('dynamoDbEndpoint'), 'keycloak-accounts');
    await realm.grant('view-events');
    await realm.admin.put('/events/config', { adminEventsEnabled: true });
    for (let first = 0; first < ids.length; first += 500) {
      const users = ids.slice(first, first + 500).map((id, index) => ({
        ...{ id, username: `user-${first + index}`, email: `user-${first + index}@example.com`, enabled: true },
        realmRoles: ['default-roles-gatepass-size', ...(index % 5 === 0 ? ['editor'] : [])],
      }));
      await realm.admin.post('/partialImport', { ifResourceExists: 'FAIL', users });
    }
    await seed(table, ids);
  }, MOST_MS);

  afterAll(() => realm?.proxy.stop());

  test('are brought into line, and cost a tenth of a request each then', { timeout: MOST_MS }, async () => {
    expect(await sync(table, realm)).toMatchObject({ compared: KEYCLOAK, changes: { length: KEYCLOAK } });
    await sleep(1100); // what was changed in the second in which lists are begun is looked up
    const { compared, changes, realmRequests } = await sync(table, realm);
    expect({ compared, changes }).toEqual({ compared: KEYCLOAK, changes: [] });
    // Lists of a small realm cost what its roles cost.
    expect(realmRequests).toBeLessThanOrEqual(Math.max(40, KEYCLOAK / 10));
    expect(await sync(table, realm, '--quick')).toMatchObject({ pass: 'quick', compared: 0 });
  });
});
