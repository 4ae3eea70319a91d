import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as v from 'valibot';
import { findApiKey, findKeyStart, KEY_ID_WIDTH, LOCATOR_WIDTH } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { readItem } from '../table/change.ts';
import { apiKeyKey, importedKey, pointerSchema } from '../table/items.ts';
import { type ApiKeyRecord, itemsOf, parseKeyRecord } from '../table/records.ts';
import type { Table } from '../table/table.ts';
import { AdminError } from './admin-error.ts';

/** A key that was found, and what of it the text held. */
export interface FoundKey {
  readonly item: ApiKeyRecord;
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
export async function findKeys(table: Table, text: string): Promise<readonly FoundKey[]> {
  const trimmed = text.trim();
  const whole = findApiKey(trimmed);
  if (whole !== undefined) return findWhole(table, whole.key, whole.keyId);

  const imported = await readItem(table, importedKey(hashApiKey(trimmed)));
  if (imported !== undefined) return findWhole(table, trimmed, v.parse(pointerSchema, imported).keyId);

  const items = new Map<string, ApiKeyRecord>();
  for (const part of partsOf(trimmed)) {
    for (const item of await findByPart(table, part)) items.set(item.keyId, item);
  }
  return [...items.values()].map((item) => ({ item, holds: 'id' }));
}

async function findWhole(table: Table, key: string, keyId: string): Promise<readonly FoundKey[]> {
  const found = await readItem(table, apiKeyKey(keyId));
  if (found === undefined) return [];
  const item = parseKeyRecord(found);
  const hash = hashApiKey(key);
  const holds = item.hash === hash ? 'current' : item.replacedHash === hash ? 'replaced' : 'other';
  return [{ item, holds }];
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

/** With the whole locator, one account's keys are asked; else, or in vain, the whole table is read. */
async function findByPart(table: Table, part: string): Promise<readonly ApiKeyRecord[]> {
  if (part.length >= LOCATOR_WIDTH) {
    const found = await collect((start) =>
      table.client.send(
        new QueryCommand({
          TableName: table.name,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :start)',
          ExpressionAttributeValues: { ':pk': `account#${part.slice(0, LOCATOR_WIDTH)}`, ':start': `key#${part}` },
          ConsistentRead: true,
          ExclusiveStartKey: start,
        }),
      ),
    );
    if (found.length > 0) return found;
  }
  return collect((start) =>
    table.client.send(
      new ScanCommand({
        TableName: table.name,
        FilterExpression: 'begins_with(sk, :key) AND contains(sk, :part)',
        ExpressionAttributeValues: { ':key': 'key#', ':part': part },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    ),
  );
}

async function collect(read: Parameters<typeof itemsOf>[0]): Promise<readonly ApiKeyRecord[]> {
  const found: ApiKeyRecord[] = [];
  for await (const item of itemsOf(read)) found.push(parseKeyRecord(item));
  return found;
}
