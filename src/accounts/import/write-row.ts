import { accountLocator, importedKeyId } from '../../key-format/format.ts';
import { changeItem, putIfAbsent, readItem } from '../../table/change.ts';
import { accountKey, apiKeyKey, importedKey } from '../../table/items.ts';
import { KEEP_DELETED_SECONDS } from '../../table/records.ts';
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
 * @param at epoch seconds
 * @throws RowRefused when the key is another user's already.
 */
export async function writeRow(table: Table, row: ImportRow, at: number): Promise<RowOutcome> {
  // The pointer first: a line that is refused for it then writes nothing.
  if (row.key !== undefined) await putPointer(table, row.userId, row.key, at);
  const created = await putIfAbsent(table, accountKey(row.userId), accountItem(row, at));
  const user = created ? 'created' : 'unchanged';
  if (row.key === undefined) return { user, key: 'none' };

  const keyId = importedKeyId(row.userId, row.key.hash);
  const written = await putIfAbsent(table, apiKeyKey(keyId), keyItem(row.userId, row.key, at));
  // A count that doesn't know of this key is worse than none: it is made anew when it is next needed. So too for a key
  // that is there, since an earlier run may have been cut off in between.
  if (!created) await changeItem(table, accountKey(row.userId), {}, { keyCount: undefined });
  return { user, key: written ? 'created' : 'unchanged' };
}

async function putPointer(table: Table, userId: string, key: ImportedKey, at: number): Promise<void> {
  const { hash } = key;
  const keyId = importedKeyId(userId, hash);
  const pointer = { account: accountLocator(userId), keyId, ...purge(key, at) };
  if (await putIfAbsent(table, importedKey(hash), pointer)) return;
  const existing = await readItem(table, importedKey(hash));
  if (existing?.['keyId'] !== keyId) throw new RowRefused('the key is in the table already, for another user');
}

function accountItem(row: ImportRow, at: number): object {
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

function keyItem(userId: string, key: ImportedKey, at: number): object {
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
