import type { Clock } from '../decision.ts';
import { createApiKey, createKeyId } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { toSeconds } from '../seconds.ts';
import { releasePlace } from '../table/key-count.ts';
import { type ApiKeyRecord, keysOf, putKey } from '../table/keys.ts';
import type { Table } from '../table/table.ts';
import { getAccount } from './accounts.ts';
import { environmentOf, momentOf, networkOf, optionalTextOf, prefixOf, textOf } from './input.ts';
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

/** Where time and randomness come from. */
export interface Sources {
  readonly now: Clock;
  /** Must be cryptographically strong. */
  readonly randomBytes: (size: number) => Uint8Array;
}

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
): Promise<{ key: string; item: ApiKeyRecord }> {
  const { userId, prefix = 'gp', environment = 'live', allowedNetworks } = newKey;
  const at = toSeconds(now());
  const keyId = createKeyId(userId, randomBytes);
  const key = createApiKey({ prefix: prefixOf(prefix), environment: environmentOf(environment), keyId }, randomBytes);
  const item: Omit<ApiKeyRecord, 'keyId'> = {
    userId,
    name: textOf('name', newKey.name),
    environment,
    hash: hashApiKey(key),
    active: true,
    deleted: false,
    createdAt: at,
    updatedAt: at,
    expiresAt: newKey.expiresAt === undefined ? undefined : momentOf('expiry', newKey.expiresAt),
    scope: optionalTextOf('scope', newKey.scope),
    allowedNetworks: allowedNetworks?.length ? allowedNetworks.map(networkOf) : undefined,
  };

  await reserve(table, userId, at);
  try {
    const written = await putKey(table, keyId, item);
    if (!written) throw new Error(`There is a key ${keyId} already, which random ids do not let happen.`);
  } catch (error) {
    // If this fails too, the count is too high until keys are listed; the first failure is the one to tell of.
    await releasePlace(table, userId, at).catch(() => undefined);
    throw error;
  }
  return { key, item: { ...item, keyId } };
}

/**
 * All keys of a user, oldest first, whatever their state. Puts the account's count of keys right if it is wrong.
 *
 * @throws AdminError `user_not_found` where there is neither a key nor an account.
 */
export async function listKeys(table: Table, userId: string, now: Clock): Promise<readonly ApiKeyRecord[]> {
  const keys: ApiKeyRecord[] = [];
  for await (const key of keysOf(table, userId)) keys.push(key);
  if (keys.length === 0) await getAccount(table, userId);
  await repairKeyCount(table, userId, keys.filter(({ deleted }) => deleted !== true).length, toSeconds(now()));
  return keys.sort((a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0));
}
