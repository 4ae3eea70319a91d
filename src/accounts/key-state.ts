import type { Clock } from '../decision.ts';
import { isKeyId, KEY_ID_WIDTH } from '../key-format/format.ts';
import { toSeconds } from '../seconds.ts';
import { endPointer } from '../table/imported-keys.ts';
import { releasePlace } from '../table/key-count.ts';
import { type ApiKeyRecord, readKey, writeKey } from '../table/keys.ts';
import type { Table } from '../table/table.ts';
import { type Changes, retrying } from '../table/write.ts';
import { AdminError } from './admin-error.ts';

/** How long a deleted item stays, so that the ids in old log lines can still be looked up. */
export const KEEP_DELETED_SECONDS = 30 * 86_400;

/** A key after a command, and whether the command changed it: a repeat changes nothing. */
export interface KeyChange {
  readonly item: ApiKeyRecord;
  readonly changed: boolean;
}

/** Refuses a key from the next decision on, until it is enabled again. */
export function disableKey(table: Table, keyId: string, now: Clock): Promise<KeyChange> {
  return changeKey(table, keyId, now, (item) => (item.active === true ? { active: false } : undefined));
}

export function enableKey(table: Table, keyId: string, now: Clock): Promise<KeyChange> {
  return changeKey(table, keyId, now, (item) => (item.active === true ? undefined : { active: true }));
}

/** Refuses a key for good. The table removes it 30 days later; until then its id can be looked up. */
export async function deleteKey(table: Table, keyId: string, now: Clock): Promise<KeyChange> {
  const at = toSeconds(now());
  const purgeAt = at + KEEP_DELETED_SECONDS;
  const change = await changeKey(table, keyId, now, (item) =>
    item.deleted === true ? undefined : { active: false, deleted: true, deletedAt: at, purgeAt },
  );
  if (change.changed) await releasePlace(table, change.item.userId, at);
  const { importedHash } = change.item;
  // On a repeat too: the first time may have ended in between.
  if (importedHash !== undefined) {
    await endPointer(table, importedHash, change.item.purgeAt ?? purgeAt);
  }
  return change;
}

/** @throws AdminError `key_not_found` */
export async function getKey(table: Table, keyId: string): Promise<ApiKeyRecord> {
  const isId = isKeyId(keyId);
  const item = isId ? await readKey(table, keyId) : undefined;
  if (item !== undefined) return item;
  // What is no id may be a whole key, given by mistake: it isn't repeated.
  const which = isId ? `the id ${keyId}` : `this id, which has ${KEY_ID_WIDTH} letters and digits`;
  throw new AdminError('key_not_found', `There is no key with ${which}: "gatepass keys find" takes parts of one.`);
}

/**
 * Changes a key as its present state asks for, which must not be deleted unless there is nothing to change.
 *
 * @throws AdminError `key_not_found`, `key_deleted`, and what `decide` throws.
 */
export function changeKey(
  table: Table,
  keyId: string,
  now: Clock,
  decide: (item: ApiKeyRecord, at: number) => Changes<ApiKeyRecord> | undefined,
): Promise<KeyChange> {
  const at = toSeconds(now());
  return retrying(async () => {
    const item = await getKey(table, keyId);
    const changes = decide(item, at);
    if (changes === undefined) return { item, changed: false };
    if (item.deleted === true) throw new AdminError('key_deleted', `Key ${keyId} is deleted, which can't be undone.`);
    const stamped = { ...changes, updatedAt: at };
    const { active, deleted, hash, replacedHash, updatedAt } = item;
    const expected = { active, deleted, hash, replacedHash, updatedAt };
    const done = await writeKey(table, keyId, expected, stamped);
    return done ? { item: { ...item, ...stamped }, changed: true } : undefined;
  });
}
