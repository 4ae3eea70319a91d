import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type SyncedRealm, startSyncedRealm } from '../unit/sync/support/synced-realm.ts';
import { AWS } from './support/environment.ts';
import { gatepass } from './support/gatepass.ts';
import type { RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

// The part of the page that takes a realm; test/docs/keys.e2e.test.ts runs the rest.
const PAGE = readFileSync(new URL('../../docs/keys.md', import.meta.url), 'utf8');
const [, block = ''] = /^## Follow Keycloak\n[\s\S]*?^```bash\n([\s\S]*?)^```/m.exec(PAGE) ?? [];
const [dryRun = '', full = '', quick = '', ...others] = block.trim().split('\n');

let realm: SyncedRealm;
let table: TestTable;
let ada: RealmUser;

beforeAll(async () => {
  realm = await startSyncedRealm(inject('keycloak'), 'gatepass-docs');
  table = await createTestTable(inject('dynamoDbEndpoint'), 'docs-keys');
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  await table.commandDone('users', 'create', ada.id);
});

afterAll(() => realm?.proxy.stop());

/** Runs a line of the page with the variables that the page names. */
async function run(line: string): Promise<void> {
  const [, args = ''] = /^\.\/gatepass (.+)$/.exec(line) ?? [];
  const { exitCode, stderr } = await gatepass(args.split(' '), {
    ...AWS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    GATEPASS_TABLE: table.name,
    GATEPASS_ISSUER: realm.issuer,
    GATEPASS_SYNC_CLIENT_SECRET: realm.clientSecret,
  });
  expect(exitCode, stderr).toBe(0);
}

describe('docs/keys.md, on following Keycloak', () => {
  test('has a dry run, a full pass and a quick one', () => {
    expect([dryRun, full, quick].every((line) => line.startsWith('./gatepass sync'))).toBe(true);
    expect(others).toEqual([]);
  });

  test('cuts a disabled user off by the full pass and not by the dry run, and lets them in again by the quick one', async () => {
    await realm.update(ada.id, { enabled: false });
    await run(dryRun);
    expect(await table.readAccount(ada.id)).toMatchObject({ active: true });
    await run(full);
    expect(await table.readAccount(ada.id)).toMatchObject({ active: false, disabledBy: 'sync' });
    await realm.update(ada.id, { enabled: true });
    await run(quick);
    expect(await table.readAccount(ada.id)).toMatchObject({ active: true, email: 'ada@example.com' });
  });
});
