import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey, disableAccount, getAccount, listKeys, openAdmin } from '../../src/accounts/index.ts';
import { createDemoCredentials } from '../../src/local/demo-credentials.ts';
import { DEMO_KEY_NAMES } from '../../src/local/demo-keys.ts';
import { type EmbeddedIssuer, startEmbeddedIssuer } from '../../src/local/embedded-issuer.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';

let table: EmbeddedTable;
let issuer: EmbeddedIssuer;

beforeAll(async () => {
  [table, issuer] = await Promise.all([startEmbeddedTable(), startEmbeddedIssuer()]);
});

afterAll(() => Promise.all([table.stop(), issuer.stop()]));

/** Every key, as one run of a program makes them. */
function makeKeys(from: EmbeddedIssuer = issuer): Promise<string> {
  const names = DEMO_KEY_NAMES.filter(
    (name) => name !== 'API_KEY_WITH_WRONG_SECRET' && name !== 'IMPORTED_KEY_UNKNOWN',
  );
  return createDemoCredentials(table, from, Date.now).fill(
    names.map((name) => `{{${name}}} {{${name}_ID}}`).join('\n'),
  );
}

it('makes the same keys in each run, so that the table does not fill up', async () => {
  const admin = openAdmin({ table: table.table });
  const first = await makeKeys();
  const keys = (await listKeys(admin, 'user-42')).length;
  expect(await makeKeys()).toBe(first);
  expect(await listKeys(admin, 'user-42')).toHaveLength(keys);
});

it('makes other keys for another seed', async () => {
  const other = await startEmbeddedIssuer();
  const [ours, others] = [await makeKeys(), await makeKeys(other)];
  await other.stop();
  expect(others.split(/\s/).filter((part) => ours.includes(part))).toEqual([]);
});

it("leaves the count of a user's own keys, and makes the user what the demo needs", async () => {
  const admin = openAdmin({ table: table.table });
  await makeKeys();
  await createKey(admin, { userId: 'user-42', name: 'own' });
  const { keyCount } = await getAccount(admin, 'user-42');
  await disableAccount(admin, 'user-42');
  await makeKeys();
  expect(keyCount).toBeGreaterThan(0);
  expect(await getAccount(admin, 'user-42')).toMatchObject({ active: true, email: 'ada@example.com', keyCount });
});
