import { createApiKey, createKeyId } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { toSeconds } from '../seconds.ts';
import { readAccount } from '../table/accounts.ts';
import { releasePlace } from '../table/key-count.ts';
import { findKeysExpiring, keysOf, putKey } from '../table/keys.ts';
import { getAccount } from './accounts.ts';
import type { Admin, TableAndClock } from './admin.ts';
import { type ApiKey, withoutHashes } from './api-key.ts';
import { assertNotDeleted } from './deleted.ts';
import { assertFuture } from './expiry.ts';
import { environmentOf, networkOf, optionalTextOf, prefixOf, textOf } from './input.ts';
import { repairKeyCount, reserve } from './key-count.ts';

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

/** A new key, or one with a new secret. `key` can be seen this once, since only its hash is stored. */
export interface IssuedKey {
  readonly key: string;
  readonly item: ApiKey;
}

/**
 * Creates a key for a user who has an active account.
 *
 * @throws AdminError `user_not_found`, `user_not_active`, `user_deleted`, `user_moved`, `too_many_keys`,
 *   `invalid_input`
 */
export function createKey(admin: Admin, newKey: NewApiKey): Promise<IssuedKey> {
  const { table, now } = admin;
  return issueKey(admin, newKey, {
    createdBy: 'operator',
    reserve: (keyId) => reserve(table, { userId: newKey.userId, keyId, at: toSeconds(now()) }),
    release: (keyId) => releasePlace(table, { userId: newKey.userId, keyId, at: toSeconds(now()) }),
  });
}

/** What has to be kept for a key before it is written, and given up if it can't be. */
export interface Reservation {
  readonly createdBy: 'user' | 'operator';
  readonly reserve: (keyId: string) => Promise<void>;
  readonly release: (keyId: string) => Promise<void>;
}

/** Makes a key and writes it, once what it needs is reserved. */
export async function issueKey(admin: Admin, newKey: NewApiKey, reservation: Reservation): Promise<IssuedKey> {
  const { table, now, randomBytes } = admin;
  const { userId, prefix = 'gp', environment = 'live', allowedNetworks } = newKey;
  const at = toSeconds(now());
  const keyId = createKeyId(userId, randomBytes);
  const key = createApiKey({ prefix: prefixOf(prefix), environment: environmentOf(environment), keyId }, randomBytes);
  const attributes = {
    userId,
    name: textOf('name', newKey.name),
    environment,
    hash: hashApiKey(key),
    active: true,
    deleted: false,
    createdBy: reservation.createdBy,
    createdAt: at,
    updatedAt: at,
    expiresAt: newKey.expiresAt === undefined ? undefined : assertFuture(newKey.expiresAt, at),
    scope: optionalTextOf('scope', newKey.scope),
    allowedNetworks: allowedNetworks?.length ? allowedNetworks.map(networkOf) : undefined,
  };

  await reservation.reserve(keyId);
  try {
    const written = await putKey(table, keyId, attributes);
    if (!written) throw new Error(`There is a key ${keyId} already, which random ids do not let happen.`);
  } catch (error) {
    // If this fails too, the count is too high until keys are listed; the first failure is the one to tell of.
    await reservation.release(keyId).catch(() => undefined);
    throw error;
  }
  return { key, item: withoutHashes({ ...attributes, keyId }) };
}

/**
 * All keys of a user, oldest first, whatever their state. Puts the account's count of keys right if it is wrong.
 *
 * @throws AdminError `user_not_found` where there is neither a key nor an account; `user_moved`
 */
export async function listKeys(admin: TableAndClock, userId: string): Promise<readonly ApiKey[]> {
  const account = await readAccount(admin.table, userId);
  if (account?.movedTo !== undefined) assertNotDeleted(account);
  const keys: ApiKey[] = [];
  for await (const record of keysOf(admin.table, account ?? { userId })) keys.push(withoutHashes(record));
  if (account === undefined && keys.length === 0) await getAccount(admin, userId);
  const counted = keys.filter(({ deleted }) => deleted !== true).length;
  await repairKeyCount(admin.table, userId, counted, toSeconds(admin.now()));
  return keys.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}

/**
 * The keys of all users that end within a time from now, the soonest first, but deleted ones. Reads the whole table, as
 * `listAccounts` does.
 */
export async function listExpiringKeys(admin: TableAndClock, withinSeconds: number): Promise<readonly ApiKey[]> {
  const at = toSeconds(admin.now());
  const records = await findKeysExpiring(admin.table, at, at + withinSeconds);
  return records.map(withoutHashes).sort((a, b) => (a.expiresAt ?? 0) - (b.expiresAt ?? 0));
}
