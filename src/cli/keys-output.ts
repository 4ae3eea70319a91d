import type { ApiKeyRecord } from '../table/keys.ts';
import { formatTime, type Row } from '../terminal/format.ts';

/** A key that ends within this time is about to expire. */
const SOON_MS = 14 * 86_400_000;

/** What of a key may be shown: all but the hashes, which stay in the table. */
export function publicPart(item: ApiKeyRecord): object {
  const { hash: _hash, replacedHash: _replacedHash, importedHash: _importedHash, ...rest } = item;
  return rest;
}

export function toRow(item: ApiKeyRecord, now: number): Row {
  return {
    KEY: item.keyId,
    USER: item.userId,
    NAME: item.name,
    STATE: stateOf(item, now),
    ENVIRONMENT: item.environment,
    CREATED: formatTime(item.createdAt),
    CHANGED: formatTime(item.updatedAt),
    EXPIRES: formatTime(item.expiresAt) ?? 'never',
    GRACE: isInGrace(item, now) ? `until ${formatTime(item.replacedUntil)}` : undefined,
  };
}

function stateOf(item: ApiKeyRecord, now: number): string {
  const { deleted, active, expiresAt } = item;
  if (deleted === true) return 'deleted';
  if (active !== true) return 'disabled';
  if (expiresAt !== undefined && now >= expiresAt * 1000) return 'expired';
  if (expiresAt !== undefined && now >= expiresAt * 1000 - SOON_MS) return 'expires soon';
  return isInGrace(item, now) ? 'in grace' : 'active';
}

function isInGrace({ replacedUntil, replacedHash }: ApiKeyRecord, now: number): boolean {
  return replacedHash !== undefined && replacedUntil !== undefined && now < replacedUntil * 1000;
}
