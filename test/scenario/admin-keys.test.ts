import { randomBytes } from 'node:crypto';
import { PutCommand, QueryCommand, ScanCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { openAdmin } from '../../src/accounts/admin.ts';
import { createKey, listKeys, type NewApiKey } from '../../src/accounts/keys.ts';
import { createKeyId, parseApiKey } from '../../src/key-format/format.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { accountAt, apiKeyAt } from '../../src/table/items.ts';

const NOW_MS = 1_795_508_130_999;
const NOW = 1_795_508_130;
const sources = { now: () => NOW_MS, randomBytes };

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});

afterAll(async () => {
  await embedded.stop();
});

async function givenUser(userId: string, attributes: Record<string, unknown> = {}): Promise<void> {
  await put({ ...accountAt(userId), userId, active: true, deleted: false, keyCount: 0, ...attributes });
}

async function put(item: Record<string, unknown>): Promise<void> {
  await embedded.table.client.send(new PutCommand({ TableName: embedded.table.name, Item: item }));
}

function create(newKey: NewApiKey) {
  return createKey(openAdmin({ table: embedded.table, ...sources }), newKey);
}

function list(userId: string) {
  return listKeys({ table: embedded.table, now: sources.now }, userId);
}

/** All that the table holds of a user, account and keys. */
async function collectionOf(userId: string): Promise<readonly Record<string, unknown>[]> {
  const { client, name } = embedded.table;
  const output = await client.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': accountAt(userId).pk },
      ConsistentRead: true,
    }),
  );
  return output.Items ?? [];
}

async function keyCountOf(userId: string): Promise<number | undefined> {
  return (await getAccount({ table: embedded.table }, userId)).keyCount;
}

describe('a new key', () => {
  it('is one of its owner, of the environment and the prefix asked for', async () => {
    await givenUser('ada');
    const { key, item } = await create({ userId: 'ada', name: 'CI', prefix: 'acme', environment: 'test' });
    expect(parseApiKey(key, 'acme')).toStrictEqual({ environment: 'test', keyId: item.keyId });
    expect(item).toStrictEqual({
      userId: 'ada',
      name: 'CI',
      environment: 'test',
      active: true,
      deleted: false,
      createdAt: NOW,
      createdBy: 'operator',
      updatedAt: NOW,
      expiresAt: undefined,
      scope: undefined,
      allowedNetworks: undefined,
      keyId: item.keyId,
    });
  });

  it('is of the prefix gp and the environment live unless told otherwise', async () => {
    await givenUser('default');
    const { key } = await create({ userId: 'default', name: 'CI' });
    expect(key).toMatch(/^gp_live_/);
  });

  it('is stored with its end, its scope and its networks, beside the account that counts it', async () => {
    await givenUser('limited');
    const limits = { expiresAt: NOW + 60, scope: 'reports:read', allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'] };
    const { key, item } = await create({ userId: 'limited', name: 'CI', ...limits });
    expect(await collectionOf('limited')).toStrictEqual([
      expect.objectContaining({ ...accountAt('limited'), keyCount: 1 }),
      {
        ...apiKeyAt(item.keyId),
        userId: 'limited',
        name: 'CI',
        environment: 'live',
        hash: hashApiKey(key),
        active: true,
        deleted: false,
        createdAt: NOW,
        createdBy: 'operator',
        updatedAt: NOW,
        ...limits,
      },
    ]);
  });

  it('may end in the last second that a policy can name', async () => {
    await givenUser('long-lived');
    await create({ userId: 'long-lived', name: 'CI', expiresAt: 253_402_300_799 });
    expect(await list('long-lived')).toMatchObject([{ expiresAt: 253_402_300_799 }]);
  });

  it('without networks is stored without the attribute, which would deny everything', async () => {
    await givenUser('unlimited');
    await create({ userId: 'unlimited', name: 'CI', allowedNetworks: [] });
    expect((await collectionOf('unlimited'))[1]).not.toHaveProperty('allowedNetworks');
  });

  it('is nowhere in the table, nor is its secret', async () => {
    await givenUser('secretive');
    const { key } = await create({ userId: 'secretive', name: 'CI', scope: 'reports:read' });
    const everything = await embedded.table.client.send(new ScanCommand({ TableName: embedded.table.name }));
    const text = JSON.stringify(everything.Items);
    expect(text).toContain(hashApiKey(key));
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.split('_')[3]?.slice(0, 43));
  });

  it('is another each time', async () => {
    await givenUser('several');
    const made = await Promise.all([1, 2, 3].map((number) => create({ userId: 'several', name: `key ${number}` })));
    expect(new Set(made.map(({ key }) => key)).size).toBe(3);
    expect(new Set(made.map(({ item }) => item.keyId)).size).toBe(3);
    expect(await keyCountOf('several')).toBe(3);
  });

  it('may be had by an account that has never heard of deletion', async () => {
    await givenUser('plain', { deleted: undefined });
    await create({ userId: 'plain', name: 'CI' });
    expect(await list('plain')).toHaveLength(1);
  });
});

describe('no key is made', () => {
  it('for a user who is not there, and no account comes of it', async () => {
    await expect(create({ userId: 'missing', name: 'CI' })).rejects.toMatchObject({
      name: 'AdminError',
      code: 'user_not_found',
    });
    expect(await collectionOf('missing')).toStrictEqual([]);
  });

  it.each([
    ['disabled', { active: false }, 'user_not_active', /is disabled: no key was made/],
    ['deleted', { deleted: true }, 'user_deleted', /users restore/],
    ['deleted and disabled', { active: false, deleted: true }, 'user_deleted', /users restore/],
    ['neither active nor disabled', { active: undefined }, 'user_not_active', /is disabled: no key was made/],
  ])('for a user who is %s', async (state, attributes, code, message) => {
    const userId = `user-${state}`;
    await givenUser(userId, attributes);
    const before = await collectionOf(userId);
    await expect(create({ userId, name: 'CI' })).rejects.toMatchObject({
      name: 'AdminError',
      code,
      message: expect.stringMatching(message),
    });
    expect(await collectionOf(userId)).toStrictEqual(before);
  });

  it.each<[string, Partial<NewApiKey>]>([
    ['name', { name: '' }],
    ['name', { name: ' CI' }],
    ['name', { name: 'C\u0000I' }],
    ['name', { name: 'x'.repeat(257) }],
    ['environment', { environment: 'Live' }],
    ['environment', { environment: '' }],
    ['prefix', { prefix: 'GP' }],
    ['prefix', { prefix: '' }],
    ['expiry', { expiresAt: NOW + 0.5 }],
    ['expiry', { expiresAt: 253_402_300_800 }],
    ['scope', { scope: 'a\nb' }],
    ['scope', { scope: 'x'.repeat(257) }],
    ['network', { allowedNetworks: ['192.0.2.0/24', '192.0.2.0'] }],
  ])('with an invalid %s, and nothing is written: %j', async (what, changes) => {
    const userId = `invalid-${what}-${Buffer.from(JSON.stringify(changes)).toString('hex').slice(-24)}`;
    await givenUser(userId);
    const before = await collectionOf(userId);
    await expect(create({ userId, name: 'CI', ...changes })).rejects.toMatchObject({
      name: 'AdminError',
      code: 'invalid_input',
      message: expect.stringContaining(`The ${what} `),
    });
    expect(await collectionOf(userId)).toStrictEqual(before);
  });
});

describe('the bound of 50 keys', () => {
  it('leaves room for the fiftieth and none for the next', async () => {
    await givenUser('full', { keyCount: 49 });
    await create({ userId: 'full', name: 'the fiftieth' });
    await expect(create({ userId: 'full', name: 'one more' })).rejects.toMatchObject({
      name: 'AdminError',
      code: 'too_many_keys',
      message: 'User full has 50 keys already: delete one first.',
    });
    expect(await keyCountOf('full')).toBe(50);
    expect(await list('full')).toHaveLength(1);
  });

  it('holds when many are made at once', async () => {
    await givenUser('raced', { keyCount: 45 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 12 }, (_, number) => create({ userId: 'raced', name: `key ${number}` })),
    );
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(7);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'too_many_keys' });
    expect(await keyCountOf('raced')).toBe(50);
    expect(await list('raced')).toHaveLength(5);
  });
});

describe('the count of keys', () => {
  /** Puts keys of a user straight into the table, as an import does. */
  async function givenKeys(userId: string, count: number, attributes: Record<string, unknown> = {}): Promise<void> {
    for (let number = 0; number < count; number++) {
      const keyId = createKeyId(userId, () => new Uint8Array(8).fill(number));
      await put({ ...apiKeyAt(keyId), userId, active: true, ...attributes });
    }
  }

  it('begins with the keys that there are, deleted ones aside, for an account that has none yet', async () => {
    await givenUser('uncounted', { keyCount: undefined });
    await givenKeys('uncounted', 3);
    const deleted = createKeyId('uncounted', () => new Uint8Array(8).fill(200));
    await put({ ...apiKeyAt(deleted), userId: 'uncounted', deleted: true });
    await create({ userId: 'uncounted', name: 'CI' });
    expect(await keyCountOf('uncounted')).toBe(4);
  });

  it('is bound for an account that has none yet and 50 keys', async () => {
    await givenUser('uncounted-full', { keyCount: undefined });
    await givenKeys('uncounted-full', 50);
    await expect(create({ userId: 'uncounted-full', name: 'CI' })).rejects.toMatchObject({ code: 'too_many_keys' });
    expect(await list('uncounted-full')).toHaveLength(50);
  });

  it.each([
    ['is put right by a list, deleted keys aside, once it has been wrong for a minute', 'repaired', NOW - 60, 2],
    ['is left alone by a list before, since a key may be on its way', 'unsettled', NOW - 59, 9],
    ['is put right by a list if nothing tells since when it is wrong', 'undated', undefined, 2],
  ])('%s', async (_, userId, keyCountAt, expected) => {
    await givenUser(userId, { keyCount: 9, keyCountAt });
    await givenKeys(userId, 2);
    const deleted = createKeyId(userId, () => new Uint8Array(8).fill(200));
    await put({ ...apiKeyAt(deleted), userId, deleted: true });
    await list(userId);
    expect(await keyCountOf(userId)).toBe(expected);
  });

  it('is not made up by a list for an account that has none', async () => {
    await givenUser('still-uncounted', { keyCount: undefined });
    await givenKeys('still-uncounted', 1);
    await list('still-uncounted');
    expect(await keyCountOf('still-uncounted')).toBeUndefined();
  });
});

describe('a key that cannot be written', () => {
  it('gives its place back, and its error is the one that is thrown', async () => {
    await givenUser('unlucky', { keyCount: 7 });
    const { client } = embedded.table;
    const outage = new Error('the table is out of order');
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (request) => {
          if (commandName === 'PutItemCommand') throw outage;
          return next(request);
        },
      { name: 'outage', step: 'initialize' },
    );
    try {
      await expect(create({ userId: 'unlucky', name: 'CI' })).rejects.toBe(outage);
    } finally {
      client.middlewareStack.remove('outage');
    }
    expect(await keyCountOf('unlucky')).toBe(7);
    expect(await list('unlucky')).toStrictEqual([]);
  });

  it('since there is one of its id already gives its place back, and leaves that one as it is', async () => {
    await givenUser('repeated', { keyCount: 1 });
    const zeros = (size: number) => new Uint8Array(size);
    const first = { ...apiKeyAt(createKeyId('repeated', zeros)), userId: 'repeated', name: 'the first' };
    await put(first);
    await expect(
      createKey({ table: embedded.table, ...sources, randomBytes: zeros }, { userId: 'repeated', name: 'the second' }),
    ).rejects.toThrow();
    expect(await keyCountOf('repeated')).toBe(1);
    expect((await collectionOf('repeated'))[1]).toStrictEqual(first);
  });
});

describe('the list of keys', () => {
  it('is empty for a user without keys', async () => {
    await givenUser('keyless');
    expect(await list('keyless')).toStrictEqual([]);
  });

  it('is an error for a user who is not there', async () => {
    await expect(list('not-there')).rejects.toMatchObject({ name: 'AdminError', code: 'user_not_found' });
  });

  it('has the oldest first, whatever their ids, and those of no known age before all', async () => {
    await givenUser('ordered');
    const keyId = (number: number) => createKeyId('ordered', () => new Uint8Array(8).fill(number));
    const created = new Map([
      [1, NOW + 30],
      [2, NOW + 10],
      [3, undefined],
      [4, NOW + 20],
    ]);
    for (const [number, createdAt] of created) {
      await put({ ...apiKeyAt(keyId(number)), userId: 'ordered', name: `key ${number}`, createdAt });
    }
    const keys = await list('ordered');
    expect(keys.map(({ name }) => name)).toStrictEqual(['key 3', 'key 2', 'key 4', 'key 1']);
    expect(keys.map((item) => item.keyId)).toStrictEqual([3, 2, 4, 1].map(keyId));
  });

  it('has keys in every state', async () => {
    await givenUser('mixed');
    const { item } = await create({ userId: 'mixed', name: 'active' });
    const states = { disabled: { active: false }, deleted: { deleted: true }, expired: { expiresAt: NOW - 1 } };
    for (const [name, attributes] of Object.entries(states)) {
      const other = await create({ userId: 'mixed', name });
      await put({ ...apiKeyAt(other.item.keyId), userId: 'mixed', name, active: true, createdAt: NOW, ...attributes });
    }
    const keys = await list('mixed');
    expect(keys.map(({ name }) => name).sort()).toStrictEqual(['active', 'deleted', 'disabled', 'expired']);
    expect(keys.find(({ name }) => name === 'active')).toMatchObject({ keyId: item.keyId, active: true });
  });

  it('has no key of another user', async () => {
    await givenUser('mine');
    await givenUser('yours');
    const { item } = await create({ userId: 'mine', name: 'CI' });
    await create({ userId: 'yours', name: 'CI' });
    expect((await list('mine')).map(({ keyId }) => keyId)).toStrictEqual([item.keyId]);
  });

  it('is complete when the table gives it in several pages', async () => {
    await givenUser('prolific');
    const padding = 'x'.repeat(60_000); // DynamoDB answers at most 1 MB at a time
    const keyIds = Array.from({ length: 40 }, (_, number) =>
      createKeyId('prolific', () => new Uint8Array(8).fill(number)),
    );
    for (const [number, keyId] of keyIds.entries()) {
      await put({ ...apiKeyAt(keyId), userId: 'prolific', createdAt: NOW + number, padding });
    }
    const { client } = embedded.table;
    let queries = 0;
    client.middlewareStack.add(
      (next, { commandName }) =>
        (request) => {
          if (commandName === 'QueryCommand') queries += 1;
          return next(request);
        },
      { name: 'count', step: 'initialize' },
    );
    try {
      const keys = await list('prolific');
      expect(keys.map(({ keyId }) => keyId)).toStrictEqual(keyIds);
      expect(queries).toBeGreaterThan(2);
    } finally {
      client.middlewareStack.remove('count');
    }
  });

  it('shows a change as soon as it is written', async () => {
    await givenUser('changed');
    const { item } = await create({ userId: 'changed', name: 'CI' });
    await embedded.table.client.send(
      new UpdateCommand({
        TableName: embedded.table.name,
        Key: apiKeyAt(item.keyId),
        UpdateExpression: 'SET active = :false',
        ExpressionAttributeValues: { ':false': false },
      }),
    );
    expect(await list('changed')).toMatchObject([{ keyId: item.keyId, active: false }]);
  });
});

describe('an account and its first key', () => {
  it('may be made one right after the other', async () => {
    const account = await createAccount({ table: embedded.table, now: sources.now }, { userId: 'brand-new' });
    const { item } = await create({ userId: account.userId, name: 'CI' });
    expect(await list('brand-new')).toMatchObject([{ keyId: item.keyId, userId: 'brand-new' }]);
  });
});
