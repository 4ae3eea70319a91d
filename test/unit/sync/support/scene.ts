import { randomBytes } from 'node:crypto';
import { BatchWriteCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { createKeyId } from '../../../../src/key-format/format.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../../../src/local/embedded-table.ts';
import type { PassOptions, PassResult } from '../../../../src/sync/pass.ts';
import { sync } from '../../../../src/sync/sync.ts';
import { accountAt, apiKeyAt, type PrimaryKey } from '../../../../src/table/items.ts';
import { createMovedClock, MINUTE, type MovedClock } from '../../../support/moved-clock.ts';
import { createFakeRealm, type FakeRealm } from './fake-realm.ts';

export const ISSUER = 'https://id.example.com/realms/main';

/** DynamoDB takes no more. */
const MOST_IN_BATCH = 25;

/** A realm, a table and a clock, and passes of the sync between them. */
export interface Scene {
  readonly embedded: EmbeddedTable;
  readonly realm: FakeRealm;
  readonly clock: MovedClock;
  /** Makes a pass: a full one unless told otherwise. */
  pass(options?: Partial<PassOptions>): Promise<PassResult>;
  /** Makes users of the realm with their accounts, a minute ago. */
  givenUsers(...ids: readonly string[]): Promise<void>;
  /** The same, each with an API key. */
  givenUsersWithKeys(...ids: readonly string[]): Promise<void>;
  item(key: PrimaryKey): Promise<Record<string, unknown> | undefined>;
  account(userId: string): Promise<Record<string, unknown> | undefined>;
  /** Of these, whose accounts are active. */
  activeOf(ids: readonly string[]): Promise<readonly string[]>;
}

export async function startScene(): Promise<Scene> {
  const embedded = await startEmbeddedTable();
  const { table, usageTable: usage } = embedded;
  const clock = createMovedClock();
  const realm = createFakeRealm(clock.now);

  async function item(key: PrimaryKey): Promise<Record<string, unknown> | undefined> {
    const { client, name } = table;
    return (await client.send(new GetCommand({ TableName: name, Key: { ...key }, ConsistentRead: true }))).Item;
  }

  async function putAll(items: readonly object[]): Promise<void> {
    for (let first = 0; first < items.length; first += MOST_IN_BATCH) {
      const puts = items.slice(first, first + MOST_IN_BATCH).map((Item) => ({ PutRequest: { Item: { ...Item } } }));
      await table.client.send(new BatchWriteCommand({ RequestItems: { [table.name]: puts } }));
    }
    clock.advance(MINUTE);
  }

  const written = () => ({ active: true, deleted: false, createdAt: clock.seconds(), updatedAt: clock.seconds() });

  async function givenUsers(...ids: readonly string[]): Promise<void> {
    for (const id of ids) realm.put(id);
    await putAll(ids.map((userId) => ({ ...accountAt(userId), userId, ...written() })));
  }

  return {
    embedded,
    realm,
    clock,
    pass: (options = {}) => sync({ realm, table, usage, issuer: ISSUER, now: clock.now }, { pass: 'full', ...options }),
    givenUsers,
    async givenUsersWithKeys(...ids) {
      await givenUsers(...ids);
      await putAll(ids.map((userId) => ({ ...apiKeyAt(createKeyId(userId, randomBytes)), userId, ...written() })));
    },
    item,
    account: (userId) => item(accountAt(userId)),
    async activeOf(ids) {
      const active: string[] = [];
      for (const id of ids) if ((await item(accountAt(id)))?.['active'] === true) active.push(id);
      return active;
    },
  };
}

/** `user-0` and so on. */
export function numbered(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `user-${index}`);
}
