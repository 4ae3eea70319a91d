import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { readLines } from '../../src/accounts/import/read-lines.ts';
import { createTrial } from '../../src/cli/import-try.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { fixedBytes } from '../support/fixed-bytes.ts';
import { type Row, readText, section, tableRows } from './markdown.ts';

const randomBytes = fixedBytes('import');

const ROWS = tableRows(section(readText('docs/keys.md'), '### From other systems'));

type Records = Readonly<Record<string, string | number | boolean>>;

const sha256 = (key: string, encoding: 'base64' | 'base64url') => createHash('sha256').update(key).digest(encoding);

/** A key of each system, and its record with the names and encodings that the system documents. */
const SYSTEMS: Readonly<Record<string, (key: string) => Records>> = {
  // https://github.com/unkeyed/unkey: the tables of its database; the hash is base64 with padding.
  Unkey: (key) => ({
    ...{ external_id: 'user-1', hash: sha256(key, 'base64'), name: 'CI', enabled: 1 },
    ...{ created_at: '2024-05-06T07:08:09Z', expires: '2099-05-06T07:08:09Z' },
  }),
  // https://developer.konghq.com/plugins/key-auth/: GET /key-auths and the consumer of each.
  Kong: (key) => ({ custom_id: 'user-1', key, created_at: 1_715_000_000, ttl: 3_000_000_000 }),
  // https://better-auth.com/docs/plugins/api-key/reference: the table apikey; the hash is base64url without padding.
  'better-auth': (key) => ({
    ...{ userId: 'user-1', key: sha256(key, 'base64url'), name: 'CI', enabled: true, start: key.slice(0, 6) },
    ...{ createdAt: '2024-05-06T07:08:09.000Z', expiresAt: '2099-05-06T07:08:09.000Z' },
  }),
};

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});

afterAll(() => embedded.stop());

/** The columns that the page gives a system, under our names. */
function renamed(record: Records, system: string): Records {
  const entries = ROWS.flatMap((row: Row) => {
    const cell = Object.entries(row).find(([heading]) => heading.startsWith(system))?.[1] ?? '';
    const names = [...cell.matchAll(/`?(\w+)`?/g)].map(([, name = '']) => name).filter((name) => name in record);
    const [first, second] = names.map((name) => record[name]);
    if (first === undefined) return [];
    // "`created_at` plus `ttl`"
    return [[row['ours'] ?? '', second === undefined ? first : Number(first) + Number(second)] as const];
  });
  return Object.fromEntries(entries);
}

it.each(Object.entries(SYSTEMS))('a file made of %s as the page says is let in', async (system, recordOf) => {
  // As each of them makes keys: the first two with a prefix or without one, better-auth 64 letters.
  const key = randomBytes(48).toString('base64url').replaceAll(/[-_]/g, 'x');
  const row = renamed(recordOf(key), system);
  expect(Object.keys(row)).toContain(system === 'Kong' ? 'key' : 'keyHash');
  expect(row).toHaveProperty('expiresAt');

  const file = `${Object.keys(row).join(',')}\n${Object.values(row).join(',')}\n`;
  const rules = { importedPrefixes: 'any', keyPrefix: 'gp', environment: 'live' } as const;
  const trial = createTrial(key, embedded.table, rules);
  const lines = readLines(Readable.from([Buffer.from(file)]), 'csv');
  const summary = await importLines({ table: embedded.table, now: Date.now }, lines, {
    ...{
      rules,
      concurrency: 1,
      preview: trial.preview,
      onRefused: (_: number, why: string) => expect.unreachable(why),
    },
  });
  expect(summary).toMatchObject({ usersCreated: 1, keysCreated: 1 });
  expect(await trial.decide()).toEqual({
    ...{ isAllowed: true, text: 'After this import the key would be let in, as user-1.' },
  });
});
