import type { ApiKey } from '../accounts/api-key.ts';
import { formatTime, type Row } from '../terminal/format.ts';

/** A key that ends within this time is about to expire. */
const SOON_MS = 14 * 86_400_000;

export function toRow(item: ApiKey, now: number): Row {
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

function stateOf(item: ApiKey, now: number): string {
  const { deleted, active, expiresAt } = item;
  if (deleted === true) return 'deleted';
  if (active !== true) return 'disabled';
  if (expiresAt !== undefined && now >= expiresAt * 1000) return 'expired';
  if (expiresAt !== undefined && now >= expiresAt * 1000 - SOON_MS) return 'expires soon';
  return isInGrace(item, now) ? 'in grace' : 'active';
}

function isInGrace({ replacedUntil }: ApiKey, now: number): boolean {
  return replacedUntil !== undefined && now < replacedUntil * 1000;
}
