import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { createApiKey, createKeyId } from '../api-key/format.ts';
import { hashApiKey } from '../api-key/hash.ts';
import type { Clock } from '../decision.ts';
import { type ApiKeyItem, accountKey, apiKeyKey, apiKeySchema } from '../table/items.ts';
import { getAccount } from './accounts.ts';
import { AdminError } from './admin-error.ts';
import { environmentOf, networkOf, textOf } from './input.ts';
import type { Table } from './table.ts';

const MAX_KEYS = 50;

export interface NewApiKey {
  readonly userId: string;
  /** What the key is for, to tell it from its owner's others. */
  readonly name: string;
  readonly prefix?: string | undefined;
  readonly environment?: string | undefined;
  /** The first second at which the key no longer works, in epoch seconds. */
  readonly expiresAt?: number | undefined;
  readonly scope?: string | undefined;
  /** CIDR blocks that requests must come from. */
  readonly allowedNetworks?: readonly string[] | undefined;
}

/** Where time and randomness come from. */
export interface Sources {
  readonly now: Clock;
  /** Must be cryptographically strong. */
  readonly randomBytes: (size: number) => Uint8Array;
}

export type ListedApiKey = ApiKeyItem & { readonly keyId: string };

/**
 * Creates a key for a user who has an active account.
 *
 * @returns the key itself beside its item: the only time that it can be seen, since only its hash is stored.
 * @throws AdminError `user_not_found`, `user_not_active`, `too_many_keys`, `invalid_input`
 */
export async function createKey(
  table: Table,
  newKey: NewApiKey,
  { now, randomBytes }: Sources,
): Promise<{ key: string; item: ListedApiKey }> {
  const { userId, prefix = 'gp', environment = 'live', allowedNetworks } = newKey;
  const at = Math.floor(now() / 1000);
  const keyId = createKeyId(userId, randomBytes);
  const key = createApiKey({ prefix, environment: environmentOf(environment), keyId }, randomBytes);
  const item: ApiKeyItem = {
    userId,
    name: textOf('name', newKey.name),
    environment,
    hash: hashApiKey(key),
    active: true,
    deleted: false,
    createdAt: at,
    updatedAt: at,
    expiresAt: newKey.expiresAt,
    scope: newKey.scope && textOf('scope', newKey.scope),
    allowedNetworks: allowedNetworks?.length ? allowedNetworks.map(networkOf) : undefined,
  };

  await takePlace(table, userId);
  try {
    await table.client.send(
      new PutCommand({
        TableName: table.name,
        Item: { ...apiKeyKey(keyId), ...item },
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  } catch (error) {
    await givePlaceBack(table, userId);
    throw error;
  }
  return { key, item: { ...item, keyId } };
}

/** All keys of a user, oldest first, whatever their state. */
export async function listKeys(table: Table, userId: string): Promise<readonly ListedApiKey[]> {
  const keys: ListedApiKey[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await table.client.send(
      new QueryCommand({
        TableName: table.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :key)',
        ExpressionAttributeValues: { ':pk': accountKey(userId).pk, ':key': 'key#' },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    for (const item of page.Items ?? []) {
      keys.push({ ...v.parse(apiKeySchema, item), keyId: String(item['sk']).slice('key#'.length) });
    }
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return keys.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}

/** Counts a key in before it is written, so that two at once can't both be the fiftieth. */
async function takePlace(table: Table, userId: string): Promise<void> {
  try {
    await table.client.send(
      new UpdateCommand({
        TableName: table.name,
        Key: accountKey(userId),
        UpdateExpression: 'SET keyCount = if_not_exists(keyCount, :zero) + :one',
        ConditionExpression:
          'userId = :userId AND active = :true AND deleted <> :true AND ' +
          '(attribute_not_exists(keyCount) OR keyCount < :most)',
        ExpressionAttributeValues: { ':userId': userId, ':true': true, ':zero': 0, ':one': 1, ':most': MAX_KEYS },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const account = await getAccount(table, userId);
    if (account.active !== true || account.deleted === true) {
      throw new AdminError('user_not_active', `User ${userId} is disabled or deleted: no key was made.`);
    }
    throw new AdminError('too_many_keys', `User ${userId} has ${MAX_KEYS} keys already: delete one first.`);
  }
}

async function givePlaceBack(table: Table, userId: string): Promise<void> {
  await table.client.send(
    new UpdateCommand({
      TableName: table.name,
      Key: accountKey(userId),
      UpdateExpression: 'SET keyCount = keyCount - :one',
      ConditionExpression: 'keyCount > :zero',
      ExpressionAttributeValues: { ':one': 1, ':zero': 0 },
    }),
  );
}
