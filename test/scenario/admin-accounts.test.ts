import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { accountAt } from '../../src/table/items.ts';

const NOW_MS = 1_795_508_130_999;
const NOW = 1_795_508_130;
const now = () => NOW_MS;

let embedded: EmbeddedTable;

beforeAll(async () => {
  embedded = await startEmbeddedTable();
});

afterAll(async () => {
  await embedded.stop();
});

/** What the table holds of an account, attribute by attribute. */
async function stored(userId: string): Promise<unknown> {
  const { client, name } = embedded.table;
  const output = await client.send(new GetCommand({ TableName: name, Key: accountAt(userId), ConsistentRead: true }));
  return output.Item;
}

describe('a new user', () => {
  it('is active, has no keys, and is stored as they were given', async () => {
    const account = {
      userId: 'ada',
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      roles: ['editor', 'viewer'],
    };
    const expected = { ...account, active: true, deleted: false, keyCount: 0, createdAt: NOW, updatedAt: NOW };
    expect(await createAccount({ table: embedded.table, now }, account)).toStrictEqual(expected);
    expect(await stored('ada')).toStrictEqual({ ...accountAt('ada'), ...expected });
    expect(await getAccount({ table: embedded.table }, 'ada')).toStrictEqual(expected);
  });

  it('needs nothing but an id', async () => {
    await createAccount({ table: embedded.table, now }, { userId: 'nobody-special' });
    expect(await stored('nobody-special')).toStrictEqual({
      ...accountAt('nobody-special'),
      userId: 'nobody-special',
      active: true,
      deleted: false,
      keyCount: 0,
      createdAt: NOW,
      updatedAt: NOW,
    });
  });

  it('is refused when there is one of that id, who is left as they are', async () => {
    await createAccount(
      { table: embedded.table, now },
      { userId: 'twice', email: 'first@example.com', roles: ['editor'] },
    );
    const before = await stored('twice');
    await expect(
      createAccount(
        { table: embedded.table, now: () => NOW_MS + 60_000 },
        { userId: 'twice', email: 'second@example.com' },
      ),
    ).rejects.toMatchObject({
      name: 'AdminError',
      code: 'user_exists',
      message: 'User twice exists already: see it with "gatepass users show".',
    });
    expect(await stored('twice')).toStrictEqual(before);
  });

  it.each([
    ['disabled', { active: false }, 'user_exists'],
    ['deleted', { active: true, deleted: true }, 'user_deleted'],
  ])('is refused, and nobody is revived, when there is one of that id who is %s', async (state, attributes, code) => {
    const userId = `once-${state}`;
    const item = { ...accountAt(userId), userId, ...attributes };
    await embedded.table.client.send(new PutCommand({ TableName: embedded.table.name, Item: item }));
    await expect(createAccount({ table: embedded.table, now }, { userId })).rejects.toMatchObject({
      code,
    });
    expect(await stored(userId)).toStrictEqual(item);
  });

  it('is made once when two are made at once', async () => {
    const outcomes = await Promise.allSettled(
      ['a', 'b', 'c', 'd'].map((firstName) =>
        createAccount({ table: embedded.table, now }, { userId: 'raced', firstName }),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const winner = outcomes.find((outcome) => outcome.status === 'fulfilled')?.value;
    expect(await getAccount({ table: embedded.table }, 'raced')).toEqual(winner);
  });

  it.each([
    ['user id', { userId: '' }, ''],
    ['user id', { userId: 'bad\n' }, 'bad\n'],
    ['user id', { userId: ' bad' }, ' bad'],
    ['user id', { userId: 'x'.repeat(257) }, 'x'.repeat(257)],
    ['email', { userId: 'bad-email', email: 'a\u0000' }, 'bad-email'],
    ['first name', { userId: 'bad-first', firstName: 'Ada ' }, 'bad-first'],
    ['last name', { userId: 'bad-last', lastName: '\tLovelace' }, 'bad-last'],
    ['role', { userId: 'bad-role', roles: ['editor', ''] }, 'bad-role'],
  ])('with an invalid %s is refused, and nothing is written: %j', async (what, account, userId) => {
    await expect(createAccount({ table: embedded.table, now }, account)).rejects.toMatchObject({
      name: 'AdminError',
      code: 'invalid_input',
      message: expect.stringContaining(`The ${what} must be`),
    });
    expect(await stored(userId)).toBeUndefined();
  });
});

describe('a user', () => {
  it('who is not there is an error that says how to create one', async () => {
    await expect(getAccount({ table: embedded.table }, 'missing')).rejects.toMatchObject({
      name: 'AdminError',
      code: 'user_not_found',
      message: 'There is no user missing: create one with "gatepass users create".',
    });
  });

  it('is seen as soon as they are created', async () => {
    for (const userId of ['seen-1', 'seen-2', 'seen-3']) {
      const account = await createAccount({ table: embedded.table, now }, { userId });
      expect(await getAccount({ table: embedded.table }, userId)).toEqual(account);
    }
  });
});
