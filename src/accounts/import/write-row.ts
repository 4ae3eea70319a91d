import { isDeepStrictEqual } from 'node:util';
import { importedKeyId } from '../../key-format/format.ts';
import { PROFILE_NAMES } from '../../profile.ts';
import type { AccountRecord } from '../../table/accounts.ts';
import type { ApiKeyRecord } from '../../table/keys.ts';
import { profileOf } from '../input.ts';
import { type ImportedKey, type ImportRow, RowRefused } from './row.ts';
import type { ImportTarget, NewKey } from './target.ts';

export interface RowOutcome {
  readonly user: 'created' | 'unchanged';
  readonly key: 'created' | 'unchanged' | 'none';
  /** What the table has of the user or the key otherwise than the line, and which was left so. */
  readonly kept: readonly string[];
}

/**
 * Writes one row: the account, the key and the pointer to it, each only where there is none yet. So a run that was
 * cut off can be repeated whole, and nothing that has been changed since is undone.
 *
 * Of a deleted user or key, here or in the file, a tombstone is all there is: it refuses them for ever.
 *
 * @param at epoch seconds
 * @throws RowRefused when the user or the key was deleted here, or is here and deleted in the file, or the key is
 *   another user's already.
 */
export async function writeRow(target: ImportTarget, row: ImportRow, at: number): Promise<RowOutcome> {
  const { userId, key } = row;
  const account = await target.readAccount(userId);
  if (row.userDeleted) return writeDeleted(target, row, account, at);
  if (account?.movedTo !== undefined) throw new RowRefused(`the user was moved to ${account.movedTo}: import that one`);
  if (account?.deleted === true) {
    throw new RowRefused('the user was deleted here: only "gatepass users restore" brings them back');
  }
  // The pointer first: a line that is refused for it then writes nothing.
  const deletedKey = key?.deleted === true ? await writeDeletedKey(target, key, at) : undefined;
  const keyId = key === undefined || key.deleted ? undefined : await putPointer(target, userId, key.hash);
  const created = account === undefined && (await target.putAccount(accountItem(row, at)));
  const user = created ? 'created' : 'unchanged';
  const kept = account === undefined ? [] : differencesOfUser(row, account);
  if (key === undefined || keyId === undefined) return { user, key: deletedKey ?? 'none', kept };

  const written = await target.putKey(keyId, keyItem(userId, key, at));
  if (!written) kept.push(...differencesOfKey(key, await target.readKey(keyId)));
  // A count that doesn't know of this key is worse than none: it is made anew when it is next needed. So too for a key
  // that is there, since an earlier run may have been cut off in between.
  if (!created) await target.forgetKeyCount(userId);
  return { user, key: written ? 'created' : 'unchanged', kept };
}

/** @returns the id of the key that the hash leads to, which is the user's. */
async function putPointer(target: ImportTarget, userId: string, hash: string): Promise<string> {
  const keyId = importedKeyId(userId, hash);
  if (await target.putPointer(hash, keyId)) return keyId;
  const existing = await target.readPointer(hash);
  if (existing?.deleted === true) throw new RowRefused('the key was deleted here, and stays so');
  if (existing?.keyId === keyId) return keyId;
  const moved = existing?.keyId === undefined ? undefined : await target.readKey(existing.keyId);
  if (moved?.userId === userId) return moved.keyId;
  throw new RowRefused('the key is in the table already, for another user');
}

async function writeDeleted(
  target: ImportTarget,
  { userId, key }: ImportRow,
  account: AccountRecord | undefined,
  at: number,
): Promise<RowOutcome> {
  if (account !== undefined && account.deleted !== true) {
    throw new RowRefused('the user is here and not deleted: "gatepass users delete" deletes, an import does not');
  }
  const deletedKey = key === undefined ? 'none' : await writeDeletedKey(target, key, at);
  const created = await target.buryAccount(userId, at);
  return { user: created ? 'created' : 'unchanged', key: deletedKey, kept: [] };
}

/** @throws RowRefused where the key is here and not deleted. */
async function writeDeletedKey(
  target: ImportTarget,
  { hash }: ImportedKey,
  at: number,
): Promise<'created' | 'unchanged'> {
  const pointer = await target.readPointer(hash);
  if (pointer?.deleted === true) return 'unchanged';
  if (pointer === undefined) return (await target.buryPointer(hash, at)) ? 'created' : 'unchanged';
  throw new RowRefused('the key is here and not deleted: "gatepass keys delete" deletes, an import does not');
}

function differencesOfUser(row: ImportRow, account: AccountRecord): string[] {
  const differing = PROFILE_NAMES.filter((name) => row[name] !== undefined && !isSame(row[name], account[name]));
  return [...differing, ...(account.active && !row.userActive ? ['userActive'] : [])];
}

/** Of what limits a key: a line may say less of one than is known here. */
function differencesOfKey(key: ImportedKey, here: ApiKeyRecord | undefined): string[] {
  const { scope, expiresAt, allowedNetworks } = key;
  const limits = { scope, expiresAt, networks: allowedNetworks };
  const known = { scope: here?.scope, expiresAt: here?.expiresAt, networks: here?.allowedNetworks };
  const differing = LIMITS.filter((name) => limits[name] !== undefined && !isSame(limits[name], known[name]));
  return [...differing, ...(here?.active === true && !key.active ? ['active'] : [])];
}

const LIMITS = ['scope', 'expiresAt', 'networks'] as const;

/** Lists are the same in any order. */
function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(inOrder(one), inOrder(other));
}

function inOrder(value: unknown): unknown {
  return Array.isArray(value) ? value.toSorted() : value;
}

function accountItem(row: ImportRow, at: number): AccountRecord {
  const { userId, userActive: active } = row;
  return { userId, ...profileOf(row), active, deleted: false, createdAt: at, updatedAt: at };
}

function keyItem(userId: string, key: ImportedKey, at: number): NewKey {
  const { hash, name, environment, scope, allowedNetworks, active, createdAt, expiresAt } = key;
  return {
    ...{ userId, name, environment, hash, importedHash: hash, scope, allowedNetworks, expiresAt },
    active,
    deleted: false,
    createdAt: createdAt ?? at,
    updatedAt: at,
  };
}
