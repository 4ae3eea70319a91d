import { importedKeyId } from '../../key-format/format.ts';
import { type AccountRecord, putAccountIfAbsent, writeAccount } from '../../table/accounts.ts';
import { putPointerIfAbsent, readPointer } from '../../table/imported-keys.ts';
import { type ApiKeyRecord, putKeyIfAbsent } from '../../table/keys.ts';
import type { Table } from '../../table/table.ts';
import { KEEP_DELETED_SECONDS } from '../key-state.ts';
import { type ImportedKey, type ImportRow, RowRefused } from './row.ts';

export interface RowOutcome {
  readonly user: 'created' | 'unchanged';
  readonly key: 'created' | 'unchanged' | 'none';
}

/**
 * Writes one row: the account, the key and the pointer to it, each only where there is none yet. So a run that was
 * cut off can be repeated whole, and nothing that has been changed since is undone.
 *
 * @param at epoch seconds
 * @throws RowRefused when the key is another user's already.
 */
export async function writeRow(table: Table, row: ImportRow, at: number): Promise<RowOutcome> {
  // The pointer first: a line that is refused for it then writes nothing.
  if (row.key !== undefined) await putPointer(table, row.userId, row.key, at);
  const created = await putAccountIfAbsent(table, accountItem(row, at));
  const user = created ? 'created' : 'unchanged';
  if (row.key === undefined) return { user, key: 'none' };

  const keyId = importedKeyId(row.userId, row.key.hash);
  const written = await putKeyIfAbsent(table, keyId, keyItem(row.userId, row.key, at));
  // A count that doesn't know of this key is worse than none: it is made anew when it is next needed. So too for a key
  // that is there, since an earlier run may have been cut off in between.
  if (!created) await writeAccount(table, row.userId, {}, { keyCount: undefined });
  return { user, key: written ? 'created' : 'unchanged' };
}

async function putPointer(table: Table, userId: string, key: ImportedKey, at: number): Promise<void> {
  const { hash } = key;
  const keyId = importedKeyId(userId, hash);
  if (await putPointerIfAbsent(table, hash, { keyId, ...purge(key, at) })) return;
  const existing = await readPointer(table, hash);
  if (existing?.keyId !== keyId) throw new RowRefused('the key is in the table already, for another user');
}

function accountItem(row: ImportRow, at: number): AccountRecord {
  const { userId, email, firstName, lastName, roles, userActive, userDeleted } = row;
  return {
    ...{ userId, email, firstName, lastName, roles },
    active: userActive && !userDeleted,
    deleted: userDeleted,
    createdAt: at,
    updatedAt: at,
    ...(userDeleted && { deletedAt: at, purgeAt: at + KEEP_DELETED_SECONDS }),
  };
}

function keyItem(userId: string, key: ImportedKey, at: number): Omit<ApiKeyRecord, 'keyId'> {
  const { hash, name, environment, scope, allowedNetworks, active, deleted, createdAt, expiresAt } = key;
  return {
    ...{ userId, name, environment, hash, importedHash: hash, scope, allowedNetworks, expiresAt },
    active: active && !deleted,
    deleted,
    createdAt: createdAt ?? at,
    updatedAt: at,
    ...(deleted && { deletedAt: at }),
    ...purge(key, at),
  };
}

function purge({ deleted }: ImportedKey, at: number): { purgeAt?: number } {
  return deleted ? { purgeAt: at + KEEP_DELETED_SECONDS } : {};
}
