import { isKeyId, KEY_ID_WIDTH } from '../key-format/format.ts';
import { toSeconds } from '../seconds.ts';
import { buryPointer } from '../table/imported-keys.ts';
import { releasePlace } from '../table/key-count.ts';
import { type ApiKeyRecord, readKey, writeKey } from '../table/keys.ts';
import type { Table } from '../table/table.ts';
import { type Changes, retrying } from '../table/write.ts';
import type { Admin, TableAndClock } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { type ApiKey, isLeaked, type OwnedKey, withoutHashes } from './api-key.ts';

/** How long a deleted key stays, so that the ids in old log lines can still be looked up. */
export const KEEP_DELETED_DAYS = 30;

/** A key after a command, and whether the command changed it: a repeat changes nothing. */
export interface KeyChange {
  readonly item: ApiKey;
  readonly changed: boolean;
}

/** @throws AdminError `key_not_found` */
export async function getKey({ table }: Pick<Admin, 'table'>, keyId: string): Promise<ApiKey> {
  const record = isKeyId(keyId) ? await readKey(table, keyId) : undefined;
  if (record === undefined) throw notFound(keyId);
  return withoutHashes(record);
}

/** Who changes a key: its owner by self-service, or an operator. */
export type Actor = NonNullable<ApiKey['changedBy']>;

/**
 * Refuses a key from the next decision on, until it is enabled again.
 *
 * An operator's word stands over the owner's: it is kept that an operator disabled the key, whoever did before.
 */
export async function disableKey(admin: TableAndClock, key: OwnedKey, by: Actor = 'operator'): Promise<KeyChange> {
  return shown(await changeKey(admin, key, (record) => disabling(record, by)));
}

/**
 * @throws AdminError `disabled_by_other` when a user enables what they did not disable themselves; `key_leaked` for a key
 *   whose secret was found in public, which only a rotation brings back.
 */
export async function enableKey(admin: TableAndClock, key: OwnedKey, by: Actor = 'operator'): Promise<KeyChange> {
  return shown(await changeKey(admin, key, (record) => enabling(record, by)));
}

/** What disables a key, if it isn't so already. */
export function disabling({ active, disabledBy }: ApiKeyRecord, by: Actor): Changes<ApiKeyRecord> | undefined {
  const isNews = active === true || (by === 'operator' && disabledBy === 'user');
  return isNews ? { active: false, disabledBy: by, changedBy: by } : undefined;
}

/** What enables a key, if it isn't so already. @throws AdminError as `enableKey` */
export function enabling(record: ApiKeyRecord, by: Actor): Changes<ApiKeyRecord> | undefined {
  const { active, disabledBy, keyId } = record;
  if (active === true) return undefined;
  if (by === 'user' && disabledBy !== 'user') throw disabledByOther(keyId);
  if (isLeaked(record)) {
    throw new AdminError(
      'key_leaked',
      `The secret of key ${keyId} was found in public and never works again: rotate the key, which enables it.`,
    );
  }
  return { active: true, disabledBy: undefined, changedBy: by };
}

export function disabledByOther(keyId: string): AdminError {
  return new AdminError('disabled_by_other', `Key ${keyId} was not disabled by its owner: ask an operator.`);
}

/**
 * Refuses a key for good. The table removes it after `KEEP_DELETED_DAYS`; until then its id can be looked up. What
 * another system made is refused by its hash for ever, whatever an import brings.
 */
export async function deleteKey(admin: TableAndClock, key: OwnedKey): Promise<KeyChange> {
  const at = toSeconds(admin.now());
  const { importedHash } = await readOwnedKey(admin, key);
  // First, so that an interrupted run leaves nothing by which an import could bring the key back one day.
  if (importedHash !== undefined) await buryPointer(admin.table, importedHash, at);
  const change = await changeKey(admin, key, ({ deleted }) => (deleted === true ? undefined : deletionAt(at)));
  if (change.changed) await releasePlace(admin.table, { ...key, at });
  return shown(change);
}

/**
 * Refuses a key for good whose account has just been, whatever becomes of the key meanwhile: what makes or rotates one
 * looks at whether it is deleted.
 *
 * Names no attribute but those that it changes: who may do this need not be let change a key's owner or hash.
 */
export async function deleteWithAccount(
  { table, now }: TableAndClock,
  { keyId, importedHash, deleted }: ApiKeyRecord,
): Promise<void> {
  const at = toSeconds(now());
  if (importedHash !== undefined) await buryPointer(table, importedHash, at);
  if (deleted !== true) await writeKey(table, keyId, { deleted }, { ...deletionAt(at), updatedAt: at });
}

export function deletionAt(at: number): Changes<ApiKeyRecord> {
  return { active: false, deleted: true, deletedAt: at, purgeAt: at + KEEP_DELETED_DAYS * 86_400 };
}

/** @throws AdminError `key_not_found`, of another's key too. */
export async function readOwnedKey(
  { table }: Pick<Admin, 'table'>,
  { userId, keyId }: OwnedKey,
): Promise<ApiKeyRecord> {
  const record = isKeyId(keyId) ? await readKey(table, keyId) : undefined;
  if (record?.userId !== userId) throw notFound(keyId);
  return record;
}

interface RecordChange {
  readonly record: ApiKeyRecord;
  readonly changed: boolean;
}

/**
 * Changes a key as its present state asks for, which must not be deleted unless there is nothing to change.
 *
 * The owner stands in the write's own condition.
 *
 * @throws AdminError `key_not_found`, `key_deleted`, and what `decide` throws.
 */
export function changeKey(
  admin: TableAndClock,
  { userId, keyId }: OwnedKey,
  decide: (record: ApiKeyRecord, at: number) => Changes<ApiKeyRecord> | undefined,
): Promise<RecordChange> {
  const at = toSeconds(admin.now());
  return retrying(async () => {
    const record = await readOwnedKey(admin, { userId, keyId });
    const changes = decide(record, at);
    if (changes === undefined) return { record, changed: false };
    if (record.deleted === true) throw new AdminError('key_deleted', `Key ${keyId} is deleted, which can't be undone.`);
    const written = await writeUnchanged(admin.table, record, { ...changes, updatedAt: at });
    return written && { record: written, changed: true };
  });
}

/** Changes a key that is still as it was read. @returns nothing if it is another by now: read it again. */
export async function writeUnchanged(
  table: Table,
  record: ApiKeyRecord,
  changes: Changes<ApiKeyRecord>,
): Promise<ApiKeyRecord | undefined> {
  const { userId, active, deleted, hash, replacedHash, leakedHash, updatedAt } = record;
  const expected = { userId, active, deleted, hash, replacedHash, leakedHash, updatedAt };
  return (await writeKey(table, record.keyId, expected, changes)) ? { ...record, ...changes } : undefined;
}

function shown({ record, changed }: RecordChange): KeyChange {
  return { item: withoutHashes(record), changed };
}

function notFound(keyId: string): AdminError {
  // What is no id may be a whole key, given by mistake: it isn't repeated.
  const which = isKeyId(keyId) ? `the id ${keyId}` : `this id, which has ${KEY_ID_WIDTH} letters and digits`;
  return new AdminError('key_not_found', `There is no key with ${which}: "gatepass keys find" takes parts of one.`);
}
