import { randomBytes, randomUUID } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createApiKey, createKeyId } from '../src/key-format/format.ts';
import { hashApiKey } from '../src/key-format/hash.ts';
import { forEachOf } from '../src/pool.ts';
import { accountAt, apiKeyAt } from '../src/table/items.ts';
import { createTable, openTable, type Table } from '../src/table/table.ts';
import { type Bundles, entryOf } from './bundles.ts';
import { eventWith } from './events.ts';
import type { Job } from './job.ts';
import type { Scene } from './scene.ts';
import { runWarm, type WarmCase, type WarmRow } from './warm.ts';

const KEYS_AN_ACCOUNT = 10;

/** What grows: the keys of a table, the keys of an account, the roles of a token. */
export async function measureGrowth(
  job: Job,
  scene: Scene,
  bundles: Bundles,
  tell: (line: string) => void,
): Promise<WarmRow[]> {
  const [few, many] = job.smoke ? [20, 200] : [1000, job.keys];
  const module = entryOf(bundles.ours);
  const cases: WarmCase[] = [];
  for (const count of [few, many]) {
    tell(`growth: writing ${count} keys`);
    const table = openTable(`gatepass-${count}`);
    await createTable(table);
    const keys = await seed(table, count);
    const env = { GATEPASS_TABLE: table.name };
    const events = keys.map(eventWith);
    cases.push({ name: `a table of ${count} keys`, credential: 'key', by: { module, env }, events, isAllowed: true });
    if (count === many) continue;
    for (const own of [1, 50]) {
      const [key = ''] = await seedAccount(table, own);
      const one = { credential: 'key', by: { module, env }, events: [eventWith(key)], isAllowed: true };
      cases.push({ name: `an account of ${own} ${own === 1 ? 'key' : 'keys'}`, ...one });
    }
  }
  for (const count of [1, 50, 200]) {
    const roles = Array.from({ length: count }, (_, index) => `role-${index}`);
    const events = [eventWith(`Bearer ${scene.token({ realm_access: { roles } })}`)];
    cases.push({
      name: `${count} realm ${count === 1 ? 'role' : 'roles'}`,
      credential: 'token',
      by: { module },
      events,
      isAllowed: true,
    });
  }
  return runWarm(bundles.warmProcess, job, scene, cases);
}

/** @returns some of the keys, from all over the table. */
async function seed(table: Table, count: number): Promise<string[]> {
  const accounts = Array.from({ length: count / KEYS_AN_ACCOUNT }, (_, index) => index);
  const every = Math.ceil(accounts.length / 100);
  const kept: string[] = [];
  await forEachOf(accounts, 8, async (index) => {
    const [key = ''] = await seedAccount(table, KEYS_AN_ACCOUNT);
    if (index % every === 0) kept.push(key);
  });
  return kept;
}

async function seedAccount({ client, name }: Table, count: number): Promise<string[]> {
  const userId = randomUUID();
  const createdAt = Math.floor(Date.now() / 1000);
  const keys = Array.from({ length: count }, () => {
    const keyId = createKeyId(userId, randomBytes);
    return { keyId, key: createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes) };
  });
  const account = {
    ...accountAt(userId),
    userId,
    email: `${userId}@example.com`,
    active: true,
    keyCount: count,
    createdAt,
  };
  const items = keys.map(({ keyId, key }) => ({
    ...apiKeyAt(keyId),
    ...{ userId, name: keyId, environment: 'live', hash: hashApiKey(key), active: true, createdAt },
  }));
  const all = [account, ...items];
  for (let from = 0; from < all.length; from += 25) {
    const puts = all.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await client.send(new BatchWriteCommand({ RequestItems: { [name]: puts } }));
  }
  return keys.map(({ key }) => key);
}
