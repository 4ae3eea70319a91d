import { randomBytes, randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import {
  type Account,
  type ApiKeyItem,
  accountAt,
  apiKeyAt,
  importedAt,
  type PrimaryKey,
} from '../../src/table/items.ts';
import type { Table } from '../../src/table/table.ts';

/** A key as its owner holds it. */
export interface IssuedKey {
  readonly key: string;
  readonly keyId: string;
  /** The characters that nobody else may ever see: all after the key id. */
  readonly secret: string;
}

/** Puts users and keys into the table, good or with whatever is changed about them. Every user is a new one. */
export interface Seed {
  user(change?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A key, stored unless its owner is told not to; the change may break the item's shape. */
  key(userId: string, change?: Readonly<Record<string, unknown>>): Promise<IssuedKey>;
  /** A key for another environment or prefix, in the table like any. */
  keyNamed(userId: string, name: { readonly prefix?: string; readonly environment?: string }): Promise<IssuedKey>;
  importedKey(userId: string, key: string, change?: Readonly<Record<string, unknown>>): Promise<IssuedKey>;
  /** Stores an item as it is, whatever there was. */
  put(item: PrimaryKey, attributes: object): Promise<void>;
  /** Changes a stored item, the account's or the key's. */
  change(item: PrimaryKey, attribute: string, value: unknown): Promise<void>;
  remove(item: PrimaryKey): Promise<void>;
}

/** A key that is in no table. */
export function makeKey(userId: string, { prefix = 'gp', environment = 'live' } = {}): IssuedKey {
  const keyId = createKeyId(userId, randomBytes);
  const key = createApiKey({ prefix, environment, keyId }, randomBytes);
  return { key, keyId, secret: key.slice(key.lastIndexOf('_') + 1) };
}

/** The same key id with another secret and a good checksum, as a thief of the id would present it. */
export function withOtherSecret({ keyId }: IssuedKey): string {
  return createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes);
}

export function createSeed({ client, name: table }: Table, createdAt: number): Seed {
  async function put(key: PrimaryKey, item: object): Promise<void> {
    await client.send(new PutCommand({ TableName: table, Item: { ...key, ...item } }));
  }

  function storeKey(userId: string, issued: IssuedKey, change: object, environment = 'live'): Promise<void> {
    const item: ApiKeyItem = {
      userId,
      name: 'a test',
      environment,
      hash: hashApiKey(issued.key),
      active: true,
      createdAt,
    };
    return put(apiKeyAt(issued.keyId), { ...item, ...change });
  }

  return {
    put,
    async user(change = {}) {
      const userId = `user-${randomUUID()}`;
      const account: Account = {
        userId,
        email: 'ada@example.com',
        firstName: 'Ada',
        lastName: 'Lovelace',
        roles: ['editor', 'viewer'],
        active: true,
      };
      await put(accountAt(userId), { ...account, ...change });
      return userId;
    },
    async key(userId, change = {}) {
      const issued = makeKey(userId);
      await storeKey(userId, issued, change);
      return issued;
    },
    async keyNamed(userId, name) {
      const issued = makeKey(userId, name);
      await storeKey(userId, issued, {}, name.environment);
      return issued;
    },
    async importedKey(userId, key, change = {}) {
      const issued = { key, keyId: createKeyId(userId, randomBytes), secret: key };
      await storeKey(userId, issued, change);
      await put(importedAt(hashApiKey(key)), { keyId: issued.keyId });
      return issued;
    },
    async change(key, attribute, value) {
      const change = { UpdateExpression: 'SET #a = :v', ExpressionAttributeNames: { '#a': attribute } };
      const input = { TableName: table, Key: { ...key }, ...change, ExpressionAttributeValues: { ':v': value } };
      await client.send(new UpdateCommand(input));
    },
    async remove(key) {
      await client.send(new DeleteCommand({ TableName: table, Key: { ...key } }));
    },
  };
}
