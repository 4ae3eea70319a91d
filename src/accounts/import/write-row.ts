import { importedKeyId } from '../../key-format/format.ts';
import type { AccountRecord } from '../../table/accounts.ts';
import { profileOf } from '../input.ts';
import { type ImportedKey, type ImportRow, RowRefused } from './row.ts';
import type { ImportTarget, NewKey } from './target.ts';

export interface RowOutcome {
  readonly user: 'created' | 'unchanged';
  readonly key: 'created' | 'unchanged' | 'none';
}

/**
 * Writes one row: the account, the key and the pointer to it, each only where there is none yet. So a run that was
 * cut off can be repeated whole, and nothing that has been changed since is undone.
 *
 * Of a deleted user or key, here or in the file, a tombstone is all there is: it refuses them for ever.
 *
 * @param at epoch seconds
 * @throws RowRefused when the user or the key was deleted here, or the key is another user's already.
 */
export async function writeRow(target: ImportTarget, row: ImportRow, at: number): Promise<RowOutcome> {
  const { userId, key } = row;
  const account = await target.readAccount(userId);
  if (row.userDeleted) return writeDeleted(target, row, at);
  if (account?.movedTo !== undefined) throw new RowRefused(`the user was moved to ${account.movedTo}: import that one`);
  if (account?.deleted === true) {
    throw new RowRefused('the user was deleted here: only "gatepass users restore" brings them back');
  }
  // The pointer first: a line that is refused for it then writes nothing.
  const keyId = key === undefined || key.deleted ? undefined : await putPointer(target, userId, key.hash);
  const created = account === undefined && (await target.putAccount(accountItem(row, at)));
  const user = created ? 'created' : 'unchanged';
  if (key === undefined) return { user, key: 'none' };
  if (keyId === undefined) return { user, key: await writeDeletedKey(target, key, at) };

  const written = await target.putKey(keyId, keyItem(userId, key, at));
  // A count that doesn't know of this key is worse than none: it is made anew when it is next needed. So too for a key
  // that is there, since an earlier run may have been cut off in between.
  if (!created) await target.forgetKeyCount(userId);
  return { user, key: written ? 'created' : 'unchanged' };
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

async function writeDeleted(target: ImportTarget, { userId, key }: ImportRow, at: number): Promise<RowOutcome> {
  const created = await target.buryAccount(userId, at);
  return {
    user: created ? 'created' : 'unchanged',
    key: key === undefined ? 'none' : await writeDeletedKey(target, key, at),
  };
}

/** What is there already stays as it is, also where it is not deleted. */
async function writeDeletedKey(
  target: ImportTarget,
  { hash }: ImportedKey,
  at: number,
): Promise<'created' | 'unchanged'> {
  if ((await target.readPointer(hash)) !== undefined) return 'unchanged';
  return (await target.buryPointer(hash, at)) ? 'created' : 'unchanged';
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
