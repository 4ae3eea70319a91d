import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount, restoreAccount } from '../../src/accounts/delete-account.ts';
import { FileRefused } from '../../src/accounts/import/decode.ts';
import {
  type ImportOptions,
  ImportStopped,
  type ImportSummary,
  importLines,
} from '../../src/accounts/import/import-lines.ts';
import { createPreview } from '../../src/accounts/import/preview.ts';
import { readLines } from '../../src/accounts/import/read-lines.ts';
import { deleteKey, disableKey } from '../../src/accounts/key-state.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { type EmbeddedTable, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createTable, type OpenedTable, type Table } from '../../src/table/table.ts';
import { useGatepass } from '../support/gatepass.ts';
import { HOUR, MINUTE } from '../support/moved-clock.ts';
import { textsOf } from '../support/secrets.ts';
import { removeWhatMayGo } from '../support/ttl.ts';

const start = useGatepass();

const RULES = { importedPrefixes: ['legacy_'], keyPrefix: 'gp', environment: 'live' } as const;
const EVERY_TIME = new Set(['createdAt', 'updatedAt', 'deletedAt', 'purgeAt']);

let embedded: EmbeddedTable;

/** Empty tables, made at once since each takes a second. */
let unused: OpenedTable[] = [];

beforeAll(async () => {
  embedded = await startEmbeddedTable();
  unused = Array.from({ length: 36 }, (_, index) => ({ client: embedded.table.client, name: `import-${index}` }));
  await Promise.all(unused.map(createTable));
});

afterAll(() => embedded.stop());

/** An empty table that nobody else uses. */
function newTable(): OpenedTable {
  const table = unused.pop();
  if (table === undefined) throw new Error('There are no more tables: make some more.');
  return table;
}

function newKey(): string {
  return `legacy_${randomBytes(24).toString('hex')}`;
}

type Raw = Readonly<Record<string, unknown>>;

interface Imported {
  readonly summary: ImportSummary;
  readonly refused: readonly string[];
  readonly kept: readonly string[];
}

/** Imports these as JSON lines. */
async function importAll(
  table: Table,
  rows: readonly Raw[],
  { now = Date.now, ...options }: Partial<ImportOptions> & { readonly now?: () => number } = {},
): Promise<Imported> {
  const refused: string[] = [];
  const file = rows.map((row) => JSON.stringify(row)).join('\n');
  const kept: string[] = [];
  const summary = await importLines({ table, now }, readLines(Readable.from([Buffer.from(file)]), 'jsonl'), {
    rules: RULES,
    concurrency: 4,
    onRefused: (line, why) => refused.push(`${line}: ${why}`),
    onKept: (line, columns) => kept.push(`${line}: ${columns.join(', ')}`),
    ...options,
  });
  return { summary, refused, kept };
}

/** Works while the first write is a slow one. */
async function slowly<T>(work: () => Promise<T>): Promise<T> {
  const { client } = embedded.table;
  let isFirst = true;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        if (commandName === 'PutItemCommand' && isFirst) {
          isFirst = false;
          await sleep(100);
        }
        return next(request);
      },
    { name: 'slow', step: 'initialize' },
  );
  return work().finally(() => client.middlewareStack.remove('slow'));
}

/** All items of a table, in order, with or without their times. */
async function contentOf({ client, name }: Table, { times = true } = {}): Promise<readonly object[]> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
  return Items.map((item) =>
    Object.fromEntries(Object.entries(item).filter(([attribute]) => times || !EVERY_TIME.has(attribute))),
  ).sort((a, b) => `${a['pk']} ${a['sk']}`.localeCompare(`${b['pk']} ${b['sk']}`));
}

/** Users with three keys each, in every state, and lines that are refused. */
function someRows(users: number): readonly Raw[] {
  return Array.from({ length: users }, (_, index) => {
    const userId = `user-${index}`;
    const user = { userId, email: `${userId}@example.com`, roles: ['editor'], userActive: index % 5 !== 0 };
    return [
      { ...user, key: newKey() },
      { ...user, key: newKey(), active: false, expiresAt: '2030-01-01' },
      { ...user, keyHash: randomBytes(32).toString('base64'), deleted: index % 2 === 0, createdAt: 1_700_000_000 },
      { ...user, key: 'legacy_letmein' },
    ];
  }).flat();
}

describe('an imported key', () => {
  it('is allowed as it is, with what was told about its owner and itself', async () => {
    const { clock, answer } = start();
    const table = { client: DynamoDBDocumentClient.from(new DynamoDBClient({})), name: LOCAL_TABLE };
    const [plain, hashed, disabled] = [newKey(), newKey(), newKey()];
    const keyHash = createHash('sha256').update(hashed).digest('base64url');
    const end = clock.seconds() + 60;
    await importAll(
      table,
      [
        { userId: 'ada', email: 'ada@example.com', roles: 'editor viewer', key: plain, scope: 'reports:read' },
        { userId: 'ada', keyHash, expiresAt: new Date(end * 1000).toISOString() },
        { userId: 'ada', key: disabled, active: false },
      ],
      { now: clock.now },
    );
    const { result, log } = await answer(plain);
    expect(log).toMatchObject({ reason: 'api_key.valid', tableRequests: 2 });
    expect(result.context).toMatchObject({
      ...{ userId: 'ada', email: 'ada@example.com', roles: '["editor","viewer"]', scope: 'reports:read' },
    });
    expect((await answer(disabled)).log.reason).toBe('api_key.inactive');
    clock.moveTo(end * 1000 - 1);
    expect((await answer(hashed)).log.reason).toBe('api_key.valid');
    clock.moveTo(end * 1000);
    expect((await answer(hashed)).log.reason).toBe('api_key.expired');
    table.client.destroy();
  });

  it('is nowhere in the table, nor is a part of it', async () => {
    const table = newTable();
    const key = newKey();
    await importAll(table, [{ userId: 'ada', key }]);
    expect(JSON.stringify(await contentOf(table))).not.toContain(key.slice(7, 19));
  });
});

describe('an import', () => {
  it('that is repeated changes nothing, an hour later too', async () => {
    const table = newTable();
    const rows = someRows(6);
    const first = await importAll(table, rows);
    expect(first.summary).toEqual({
      ...{ lines: 24, usersCreated: 6, keysCreated: 18, keysUnchanged: 0, refused: 6, doneUpTo: 24 },
      ...{ keysHashed: 6, keysWeak: 0, kept: 0, importedPrefixes: ['legacy_'] },
    });
    const before = await contentOf(table);
    const again = await importAll(table, rows, { now: () => Date.now() + HOUR });
    expect(again.summary).toEqual({
      ...{ lines: 24, usersCreated: 0, keysCreated: 0, keysUnchanged: 18, refused: 6, doneUpTo: 24 },
      ...{ keysHashed: 6, keysWeak: 0, kept: 0, importedPrefixes: ['legacy_'] },
    });
    expect(await contentOf(table)).toStrictEqual(before);
  });

  it('undoes nothing that was changed since', async () => {
    const table = newTable();
    const rows = [
      { userId: 'ada', key: newKey() },
      { userId: 'ada', key: newKey() },
      { userId: 'ada', key: newKey() },
    ];
    await importAll(table, rows);
    const admin = openAdmin({ table });
    const userId = 'ada';
    const [rotated, disabled, deleted] = (await listKeys(admin, userId)).map(({ keyId }) => ({ userId, keyId }));
    if (!rotated || !disabled || !deleted) throw new Error('expected three keys');
    await rotateKey(admin, rotated, { graceSeconds: 60 });
    await disableKey(admin, disabled);
    await deleteKey(admin, deleted);
    const before = await contentOf(table);
    const { summary, refused } = await importAll(table, rows);
    expect(summary).toMatchObject({ keysCreated: 0, keysUnchanged: 2, refused: 1 });
    expect(refused).toEqual([expect.stringMatching(/^\d: the key was deleted here, and stays so$/)]);
    expect(await contentOf(table)).toStrictEqual(before);
  });

  it('brings nobody back who was deleted, nor a key, when all that may be removed has been', async () => {
    const table = newTable();
    const admin = openAdmin({ table });
    const [kept, ended] = [newKey(), newKey()];
    const rows = [
      { userId: 'ada', key: kept, roles: 'editor' },
      { userId: 'bob', key: ended },
    ];
    await importAll(table, rows);
    await deleteAccount(admin, 'ada');
    const [key] = await listKeys(admin, 'bob');
    await deleteKey(admin, { userId: 'bob', keyId: key?.keyId ?? '' });
    await removeWhatMayGo(table);
    const before = await contentOf(table);

    const { summary, refused } = await importAll(table, rows);
    expect(summary).toMatchObject({ usersCreated: 0, keysCreated: 0, keysUnchanged: 0, refused: 2 });
    expect(refused.toSorted()).toEqual([
      '1: the user was deleted here: only "gatepass users restore" brings them back',
      '2: the key was deleted here, and stays so',
    ]);
    expect(await contentOf(table)).toStrictEqual(before);

    await restoreAccount(admin, 'ada');
    expect((await importAll(table, rows)).refused).toHaveLength(2);
    expect(await listKeys(admin, 'ada')).toEqual([]);
  });

  it('leaves tombstones of users and keys that the file says are deleted, which a repeat leaves alone', async () => {
    const table = newTable();
    const rows = [
      { userId: 'ada', email: 'ada@example.com', userDeleted: true, key: newKey() },
      { userId: 'bob', key: newKey(), deleted: true },
    ];
    expect((await importAll(table, rows)).summary).toMatchObject({ usersCreated: 2, keysCreated: 2, refused: 0 });
    const content = await contentOf(table);
    const tombstone = { deleted: true, deletedAt: expect.any(Number), pk: expect.any(String), sk: expect.any(String) };
    const tombstones = content.filter((item) => !('userId' in item));
    expect(tombstones).toEqual([tombstone, tombstone, tombstone]);
    expect((await importAll(table, rows)).summary).toMatchObject({ usersCreated: 0, keysUnchanged: 2, refused: 0 });
    expect(await contentOf(table)).toStrictEqual(content);
  });

  it('says exactly what it will do, and writes nothing, when it is a dry run', async () => {
    const table = newTable();
    const admin = openAdmin({ table });
    const [shared, deletedKey, others, ofDeleted] = [newKey(), newKey(), newKey(), newKey()];
    await importAll(table, [
      { userId: 'ada', key: deletedKey },
      { userId: 'bob', key: others },
      { userId: 'gone', key: ofDeleted },
    ]);
    const [key] = await listKeys(admin, 'ada');
    await deleteKey(admin, { userId: 'ada', keyId: key?.keyId ?? '' });
    await deleteAccount(admin, 'gone');
    const rows = [
      ...someRows(3),
      ...[{ userId: 'ada', key: deletedKey }, { userId: 'eve', key: others }, { userId: 'gone' }],
      ...[
        { userId: 'bob', key: others },
        { userId: 'bob', key: shared },
        { userId: 'eve', key: shared },
      ],
      ...[{ userId: 'bob', key: shared }, { userId: 'left', userDeleted: true, key: newKey() }, { userId: 'left' }],
      ...[
        { userId: 'ada', keyHash: randomBytes(32).toString('hex'), deleted: true },
        { userId: 'new', email: 'new@example.com' },
        { userId: 'new', email: 'newer@example.com' },
        { userId: 'new', userDeleted: true },
      ],
      ...[
        { userId: 'bob', key: shared, active: false, expiresAt: '2030-01-01' },
        { userId: 'bob', key: shared, deleted: true },
      ],
    ];
    const before = await contentOf(table);
    const dry = await importAll(table, rows, { preview: createPreview(table), concurrency: 8 });
    expect(await contentOf(table)).toStrictEqual(before);
    const done = await importAll(table, rows, { concurrency: 8 });
    const sorted = ({ summary, refused, kept }: Imported) => [summary, refused.toSorted(), kept.toSorted()];
    expect(sorted(dry)).toEqual(sorted(done));
    expect(done.summary).toMatchObject({ lines: rows.length, refused: 10, usersCreated: 5, kept: 2 });
    expect(done.refused).toEqual(
      expect.arrayContaining([
        '13: the key was deleted here, and stays so',
        '14: the key is in the table already, for another user',
        expect.stringMatching(/^15: the user was deleted here: only "gatepass users restore"/),
        '18: the key is in the table already, for another user',
        expect.stringMatching(/^21: the user was deleted here/),
      ]),
    );
  });

  it('tells by line what it leaves as the table has it: the first line of a user or a key counts', async () => {
    const table = newTable();
    const key = newKey();
    const first = { userId: 'ada', email: 'ada@example.com', roles: ['editor', 'viewer'], key };
    const { summary, refused, kept } = await importAll(table, [
      first,
      { ...first, roles: ['viewer', 'editor'] },
      { userId: 'ada' },
      { ...first, email: 'other@example.com', roles: ['admin'], userActive: false, key: newKey() },
      { ...first, active: false, expiresAt: '2030-01-01', scope: 'read', networks: ['192.0.2.0/24'] },
    ]);
    expect(kept.toSorted()).toEqual(['4: email, roles, userActive', '5: scope, expiresAt, networks, active']);
    expect(summary).toMatchObject({ kept: 2, keysCreated: 2, keysUnchanged: 2 });
    expect(refused).toEqual([]);
  });

  it('refuses what the file says is deleted and is not so here: it deletes nothing', async () => {
    const table = newTable();
    const key = newKey();
    await importAll(table, [{ userId: 'ada', key }, { userId: 'bob' }]);
    const before = await contentOf(table);
    const { summary, refused } = await importAll(table, [
      { userId: 'bob', userDeleted: true, key: newKey() },
      { userId: 'ada', key, deleted: true },
      { userId: 'cy', key, deleted: true },
      { userId: 'dee', key, userDeleted: true },
    ]);
    const instead = 'is here and not deleted: "gatepass';
    expect(refused.toSorted()).toEqual([
      `1: the user ${instead} users delete" deletes, an import does not`,
      ...[2, 3, 4].map((line) => `${line}: the key ${instead} keys delete" deletes, an import does not`),
    ]);
    expect(summary).toMatchObject({ usersCreated: 0, keysCreated: 0, keysUnchanged: 0 });
    expect(await contentOf(table)).toStrictEqual(before);
  });

  it('goes on after lines that are refused, each told by its number and without its key', async () => {
    const table = newTable();
    const { summary, refused } = await importAll(table, [
      { userId: 'ada', key: newKey() },
      { key: newKey() },
      { userId: 'bob', key: 'legacy_hunter2hunter2' },
      { userId: 'cy', mail: 'cy@example.com' },
      { userId: 'dee', key: newKey() },
    ]);
    expect(summary).toMatchObject({ lines: 5, usersCreated: 2, keysCreated: 2, refused: 3, doneUpTo: 5 });
    expect(refused.toSorted()).toEqual([
      '2: userId is missing',
      expect.stringMatching(/^3: key can be guessed/),
      expect.stringMatching(/^4: there is no column /),
    ]);
    expect(refused.join()).not.toContain('hunter');
  });

  it("refuses a key that is another user's, and leaves it theirs", async () => {
    const table = newTable();
    const key = newKey();
    await importAll(table, [{ userId: 'ada', key }]);
    const before = await contentOf(table);
    const { summary, refused } = await importAll(table, [{ userId: 'eve', key }]);
    expect(summary).toMatchObject({ keysCreated: 0, keysUnchanged: 0, refused: 1 });
    expect(refused).toEqual(['1: the key is in the table already, for another user']);
    const after = await contentOf(table);
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(after.filter((item) => 'hash' in item)).toHaveLength(1);
  });

  it('gives a key that several lines want to the first of their users, however many are written at a time', async () => {
    const table = newTable();
    const [key, other] = [newKey(), newKey()];
    // The first line waits for a slow write of the one before, and the second for nobody.
    const { summary, refused } = await slowly(() =>
      importAll(table, [
        { userId: 'ada', key: other },
        { userId: 'ada', key },
        { userId: 'eve', key },
        { userId: 'ada', key },
      ]),
    );
    expect(summary).toMatchObject({ usersCreated: 1, keysCreated: 2, keysUnchanged: 1, refused: 1 });
    expect(refused).toEqual(['3: the key is in the table already, for another user']);
  });

  it('leaves an account that is there as it is, and has its keys counted at the next create', async () => {
    const table = newTable();
    const admin = openAdmin({ table });
    await createAccount({ table, now: Date.now }, { userId: 'ada', email: 'ada@example.com', roles: ['editor'] });
    await createKey(admin, { userId: 'ada', name: 'CI' });
    const { keyCount: _, ...before } = await getAccount({ table }, 'ada');
    await importAll(table, [
      { userId: 'ada', email: 'other@example.com', roles: [], userActive: false, key: newKey() },
      { userId: 'ada', key: newKey() },
      { userId: 'ada', key: newKey(), deleted: true },
    ]);
    expect(await getAccount({ table }, 'ada')).toStrictEqual(before);
    await createKey(admin, { userId: 'ada', name: 'another' });
    expect(await getAccount({ table }, 'ada')).toMatchObject({ keyCount: 4, email: 'ada@example.com', active: true });
  });

  it('may bring more keys than the bound; then no more are made', async () => {
    const table = newTable();
    await importAll(
      table,
      Array.from({ length: 55 }, () => ({ userId: 'ada', key: newKey() })),
    );
    expect(await listKeys({ table, now: Date.now }, 'ada')).toHaveLength(55);
    await expect(createKey(openAdmin({ table }), { userId: 'ada', name: 'CI' })).rejects.toMatchObject({
      code: 'too_many_keys',
    });
  });

  it('has the first line of a user make the account, however many lines are written at a time', async () => {
    const table = newTable();
    await slowly(() =>
      importAll(table, [
        { userId: 'ada', email: 'ada@example.com', userActive: false, key: newKey() },
        { userId: 'ada', key: newKey() },
      ]),
    );
    expect(await getAccount({ table }, 'ada')).toMatchObject({ email: 'ada@example.com', active: false });
  });

  it('writes nothing at all for a line that is refused', async () => {
    const table = newTable();
    const key = newKey();
    await importAll(table, [{ userId: 'ada', key }]);
    const before = await contentOf(table);
    expect((await importAll(table, [{ userId: 'eve', key }])).summary).toMatchObject({ usersCreated: 0, refused: 1 });
    expect(await contentOf(table)).toStrictEqual(before);
  });

  it('has a key counted whose import was cut off before the count', async () => {
    const table = newTable();
    await createAccount({ table, now: Date.now }, { userId: 'ada' });
    const rows = [{ userId: 'ada', key: newKey() }];
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        (request) =>
          commandName === 'UpdateItemCommand' ? Promise.reject(new Error('cut off')) : next(request),
      { name: 'cut', step: 'initialize' },
    );
    await expect(importAll(table, rows)).rejects.toThrow(ImportStopped);
    table.client.middlewareStack.remove('cut');
    await importAll(table, rows);
    await createKey(openAdmin({ table }), { userId: 'ada', name: 'CI' });
    expect(await getAccount({ table }, 'ada')).toMatchObject({ keyCount: 2 });
  });

  it('of a CSV file without a header line tells no key', async () => {
    const [first, second] = [newKey(), newKey()];
    const file = Readable.from([Buffer.from(`ada,${first}\nbob,${second}\n`)]);
    const stopped: unknown = await importLines({ table: newTable(), now: Date.now }, readLines(file, 'csv'), {
      ...{ rules: RULES, concurrency: 1, onRefused: (_, why) => expect.unreachable(why) },
    }).catch((error: unknown) => error);
    if (!(stopped instanceof ImportStopped)) throw new Error('It was not stopped.', { cause: stopped });
    expect(stopped.cause).toBeInstanceOf(FileRefused);
    for (const key of [first, second]) expect(textsOf(stopped).join()).not.toContain(key.slice(7, 19));
  });

  it('of a CSV file with a quote out of place stops, and tells how far it is and no part of the key', async () => {
    const key = newKey();
    const file = `userId,key\nada,${newKey()}\nbob,${key.slice(0, 30)}"${key.slice(30)}\n`;
    const stopped: unknown = await importLines(
      { table: newTable(), now: Date.now },
      readLines(Readable.from([Buffer.from(file)]), 'csv'),
      {
        ...{ rules: RULES, concurrency: 1, onRefused: () => {} },
      },
    ).catch((error: unknown) => error);
    if (!(stopped instanceof ImportStopped)) throw new Error('It was not stopped.', { cause: stopped });
    expect(stopped.summary.doneUpTo).toBeLessThan(3);
    expect(String(stopped.cause)).toMatch(/line 3: a quote is out of place/);
    expect(textsOf(stopped).join()).not.toContain(key.slice(7, 19));
  });

  it('comes to the same from CSV as from JSON lines', async () => {
    const rows = [
      { userId: 'ada', email: 'a@example.com', roles: 'editor viewer', key: newKey(), active: true, name: 'a, "b"' },
      { userId: 'bob', email: '', roles: '', key: newKey(), active: false, name: '' },
    ];
    const [asJson, asCsv] = [newTable(), newTable()];
    await importAll(asJson, rows);
    const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
    const lines = rows.map((row) => Object.values(row).map(cell).join(','));
    const csv = `\ufeff${Object.keys(rows[0] ?? {}).join(',')}\r\n${lines.join('\r\n')}\r\n`;
    await importLines({ table: asCsv, now: Date.now }, readLines(Readable.from([Buffer.from(csv)]), 'csv'), {
      ...{ rules: RULES, concurrency: 1, onRefused: (_, why) => expect.unreachable(why) },
    });
    expect(await contentOf(asCsv, { times: false })).toStrictEqual(await contentOf(asJson, { times: false }));
  });
});

describe('an import that is cut off', () => {
  const outage = new Error('the table is out of order');

  afterEach(() => {
    embedded.table.client.middlewareStack.remove('outage');
  });

  /** Lets so many writes through and fails all after them. */
  function failAfter(writes: number): void {
    let left = writes;
    embedded.table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (request) => {
          if (commandName === 'PutItemCommand') left -= 1;
          if (left < 0) throw outage;
          return next(request);
        },
      { name: 'outage', step: 'initialize' },
    );
  }

  const rows = someRows(10);

  let expected: readonly object[];

  beforeAll(async () => {
    const table = newTable();
    await importAll(table, rows);
    expected = await contentOf(table, { times: false });
  });

  async function cutOff(table: Table, writes: number, concurrency = 4): Promise<ImportSummary> {
    failAfter(writes);
    const stopped: unknown = await importAll(table, rows, { concurrency }).catch((error: unknown) => error);
    embedded.table.client.middlewareStack.remove('outage');
    if (!(stopped instanceof ImportStopped)) throw new Error('It was not stopped.', { cause: stopped });
    expect(stopped.cause).toBe(outage);
    expect(stopped.message).toBe(`The import stopped: all lines up to ${stopped.summary.doneUpTo} are done.`);
    return stopped.summary;
  }

  it.each([0, 1, 2, 3, 17, 30, 50, 61])(
    'after %i writes says how far it is, and goes on from there',
    async (writes) => {
      const table = newTable();
      const { doneUpTo } = await cutOff(table, writes);
      expect(doneUpTo).toBeLessThan(rows.length);
      const { summary } = await importAll(table, rows, { after: doneUpTo, now: () => Date.now() + MINUTE });
      expect(summary).toMatchObject({ lines: rows.length - doneUpTo, doneUpTo: rows.length });
      expect(await contentOf(table, { times: false })).toStrictEqual(expected);
    },
  );

  it('may be repeated whole as well', async () => {
    const table = newTable();
    await cutOff(table, 23);
    await importAll(table, rows);
    expect(await contentOf(table, { times: false })).toStrictEqual(expected);
  });

  it('claims no line that is not done: with one at a time, exactly those before the failed one', async () => {
    const table = newTable();
    // Line 1 is three writes: the pointer, the account, the key. Line 2 is two, line 3 a tombstone.
    expect((await cutOff(table, 3, 1)).doneUpTo).toBe(1);
    expect((await cutOff(newTable(), 2, 1)).doneUpTo).toBe(0);
    expect((await cutOff(newTable(), 5, 1)).doneUpTo).toBe(2);
  });

  it('by a signal finishes the lines in hand and takes no more', async () => {
    const table = newTable();
    const stop = new AbortController();
    const { summary } = await importAll(table, rows, {
      signal: stop.signal,
      onProgress: ({ lines }) => {
        if (lines >= 12) stop.abort();
      },
    });
    expect(summary.doneUpTo).toBe(summary.lines);
    expect(summary.lines).toBeGreaterThanOrEqual(12);
    expect(summary.lines).toBeLessThanOrEqual(16);
    await importAll(table, rows, { after: summary.doneUpTo });
    expect(await contentOf(table, { times: false })).toStrictEqual(expected);
  });
});
