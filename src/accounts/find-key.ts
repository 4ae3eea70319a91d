import { findApiKey, findKeyStart, KEY_ID_WIDTH } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { readPointer } from '../table/imported-keys.ts';
import { type ApiKeyRecord, findKeysByImportedHash, findKeysByPart, readKey } from '../table/keys.ts';
import type { Table } from '../table/table.ts';
import type { Admin } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { type ApiKey, withoutHashes } from './api-key.ts';

/** A key that was found, and what of it the text held. */
export interface FoundKey {
  readonly item: ApiKey;
  /**
   * `current` or `replaced`: the text holds a whole key with that secret; `other`: a whole key of this id whose secret
   * is neither, so it is of an earlier rotation or made up; `id`: its id or a part of it.
   */
  readonly holds: 'current' | 'replaced' | 'other' | 'id';
}

/** Shorter than this, a part of an id would match keys by chance. */
const MIN_PART = 6;
const MAX_PARTS = 3;

/**
 * Finds the keys that a text is about: a whole key (ours or imported), an id, or a fragment out of a log or a report
 * that holds a part of an id.
 *
 * Only hashes of secrets are stored, so a fragment of a secret alone leads nowhere. A fragment without the first 17
 * characters of an id reads the whole table.
 *
 * @throws AdminError `invalid_input` for a text with nothing to look for.
 */
export async function findKeys({ table }: Pick<Admin, 'table'>, text: string): Promise<readonly FoundKey[]> {
  const trimmed = text.trim();
  const whole = findApiKey(trimmed);
  if (whole !== undefined) return findWhole(table, whole.key, whole.keyId);

  const imported = await readPointer(table, hashApiKey(trimmed));
  if (imported?.keyId !== undefined) return findWhole(table, trimmed, imported.keyId);
  if (imported !== undefined) return findDeleted(table, hashApiKey(trimmed));

  const items = new Map<string, ApiKeyRecord>();
  for (const part of partsOf(trimmed)) {
    for (const item of await findKeysByPart(table, part)) items.set(item.keyId, item);
  }
  return [...items.values()].map((record) => ({ item: withoutHashes(record), holds: 'id' }));
}

async function findWhole(table: Table, key: string, keyId: string): Promise<readonly FoundKey[]> {
  const record = await readKey(table, keyId);
  if (record === undefined) return [];
  return [{ item: withoutHashes(record), holds: holdsOf(record, hashApiKey(key)) }];
}

/** Of a deleted key that another system made, the hash leads nowhere any more; its own item stays for a while. */
async function findDeleted(table: Table, hash: string): Promise<readonly FoundKey[]> {
  const records = await findKeysByImportedHash(table, hash);
  return records.map((record) => ({ item: withoutHashes(record), holds: holdsOf(record, hash) }));
}

function holdsOf(record: ApiKeyRecord, hash: string): FoundKey['holds'] {
  return record.hash === hash ? 'current' : record.replacedHash === hash ? 'replaced' : 'other';
}

/** What may be a part of an id: what follows `<prefix>_<environment>_` in a cut-off key, or any word of the text. */
function partsOf(text: string): readonly string[] {
  const cut = findKeyStart(text)?.rest;
  const candidates = cut ? [cut] : (text.match(/[0-9A-Za-z]+/g) ?? []);
  // An id looks random: of a pasted line of a log, words alone would have the whole table read for each.
  const parts = candidates
    .filter((part) => part.length >= MIN_PART && (candidates.length === 1 || /\d/.test(part)))
    .map((part) => part.slice(0, KEY_ID_WIDTH))
    .sort((a, b) => b.length - a.length)
    .slice(0, MAX_PARTS);
  if (parts.length === 0) {
    throw new AdminError(
      'invalid_input',
      `There is nothing to look for: give a whole key, a key's id, or at least ${MIN_PART} characters of one ` +
        '(what comes after gp_live_). A part of the secret alone can not be found, since only its hash is stored.',
    );
  }
  return parts;
}
