import type { Admin } from '../accounts/admin.ts';
import { type ApiKey, graceEndOf, type OwnedKey } from '../accounts/api-key.ts';
import { getKey, type KeyChange } from '../accounts/key-state.ts';
import { formatJson, formatTable, formatTime, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import type { ConnectOptions } from './connect.ts';

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
    GRACE: isInGrace(item, now) ? `until ${formatTime(graceEndOf(item))}` : undefined,
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

function isInGrace(item: ApiKey, now: number): boolean {
  return now < (graceEndOf(item) ?? 0) * 1000;
}

export function printChange({ out, err }: Output, { item, changed }: KeyChange, { json }: ConnectOptions): void {
  out(json ? formatJson({ changed, ...item }) : formatTable([toRow(item, Date.now())]));
  if (!changed && !json) err('It was so already: nothing was changed.');
}

/** An operator names a key by its id alone: whoever owns it is meant. */
export async function owned(admin: Admin, keyId: string): Promise<OwnedKey> {
  const { userId } = await getKey(admin, keyId);
  return { userId, keyId };
}
