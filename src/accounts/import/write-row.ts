import { importedKeyId } from '../../key-format/format.ts';
import {
  type AccountRecord,
  buryUnknownAccount,
  putAccountIfAbsent,
  readAccount,
  writeAccount,
} from '../../table/accounts.ts';
import { buryPointer, putPointerIfAbsent, readPointer } from '../../table/imported-keys.ts';
import { type ApiKeyRecord, putKeyIfAbsent, readKey } from '../../table/keys.ts';
import type { Table } from '../../table/table.ts';
import { type ImportedKey, type ImportRow, RowRefused } from './row.ts';

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
export async function writeRow(table: Table, row: ImportRow, at: number): Promise<RowOutcome> {
  const { userId, key } = row;
  const account = await readAccount(table, userId);
  if (row.userDeleted) return writeDeleted(table, row, at);
  if (account?.movedTo !== undefined) throw new RowRefused(`the user was moved to ${account.movedTo}: import that one`);
  if (account?.deleted === true) {
    throw new RowRefused('the user was deleted here: only "gatepass users restore" brings them back');
  }
  // The pointer first: a line that is refused for it then writes nothing.
  const keyId = key === undefined || key.deleted ? undefined : await putPointer(table, userId, key.hash);
  const created = account === undefined && (await putAccountIfAbsent(table, accountItem(row, at)));
  const user = created ? 'created' : 'unchanged';
  if (key === undefined) return { user, key: 'none' };
  if (keyId === undefined) return { user, key: await writeDeletedKey(table, key, at) };

  const written = await putKeyIfAbsent(table, keyId, keyItem(userId, key, at));
  // A count that doesn't know of this key is worse than none: it is made anew when it is next needed. So too for a key
  // that is there, since an earlier run may have been cut off in between.
  if (!created) await writeAccount(table, userId, {}, { keyCount: undefined });
  return { user, key: written ? 'created' : 'unchanged' };
}

/** @returns the id of the key that the hash leads to, which is the user's. */
async function putPointer(table: Table, userId: string, hash: string): Promise<string> {
  const keyId = importedKeyId(userId, hash);
  if (await putPointerIfAbsent(table, hash, keyId)) return keyId;
  const existing = await readPointer(table, hash);
  if (existing?.deleted === true) throw new RowRefused('the key was deleted here, and stays so');
  if (existing?.keyId === keyId) return keyId;
  const moved = existing?.keyId === undefined ? undefined : await readKey(table, existing.keyId);
  if (moved?.userId === userId) return moved.keyId;
  throw new RowRefused('the key is in the table already, for another user');
}

async function writeDeleted(table: Table, { userId, key }: ImportRow, at: number): Promise<RowOutcome> {
  const created = await buryUnknownAccount(table, userId, { deletedAt: at });
  return {
    user: created ? 'created' : 'unchanged',
    key: key === undefined ? 'none' : await writeDeletedKey(table, key, at),
  };
}

/** What is there already stays as it is, also where it is not deleted. */
async function writeDeletedKey(table: Table, { hash }: ImportedKey, at: number): Promise<'created' | 'unchanged'> {
  if ((await readPointer(table, hash)) !== undefined) return 'unchanged';
  return (await buryPointer(table, hash, at)) ? 'created' : 'unchanged';
}

function accountItem(row: ImportRow, at: number): AccountRecord {
  const { userId, email, firstName, lastName, roles, userActive } = row;
  return {
    ...{ userId, email, firstName, lastName, roles },
    active: userActive,
    deleted: false,
    createdAt: at,
    updatedAt: at,
  };
}

function keyItem(userId: string, key: ImportedKey, at: number): Omit<ApiKeyRecord, 'keyId'> {
  const { hash, name, environment, scope, allowedNetworks, active, createdAt, expiresAt } = key;
  return {
    ...{ userId, name, environment, hash, importedHash: hash, scope, allowedNetworks, expiresAt },
    active,
    deleted: false,
    createdAt: createdAt ?? at,
    updatedAt: at,
  };
}
