import type { ApiKey } from '../accounts/api-key.ts';
import type { Table } from '../table/table.ts';
import { formatTime, type Row } from '../terminal/format.ts';
import { knownSince, type LastUse, readLastUses } from '../usage/reader.ts';

/** How keys were last used, and since when uses are known. */
export interface KeysInUse {
  readonly since: number | undefined;
  of(keyId: string): LastUse;
}

export async function readKeysInUse(usage: Table, keys: readonly Pick<ApiKey, 'keyId'>[]): Promise<KeysInUse> {
  const ids = keys.map(({ keyId }) => keyId);
  const [since, uses] = await Promise.all([knownSince(usage), readLastUses(usage, ids)]);
  return { since, of: (keyId) => uses.get(keyId) ?? {} };
}

/** What is said of a key's last use in JSON. */
export function lastUseOf(uses: KeysInUse | undefined, { keyId }: Pick<ApiKey, 'keyId'>): object {
  return uses === undefined ? {} : { usage: { knownSince: uses.since, ...uses.of(keyId) } };
}

/** The columns of a key's last use. */
export function useColumns(uses: KeysInUse, item: Pick<ApiKey, 'keyId' | 'createdAt'>): Row {
  const { lastUsedFrom } = uses.of(item.keyId);
  return { 'LAST USED': lastUsedText(uses, item), FROM: lastUsedFrom };
}

/** When a key was last used, or since when it was not. */
export function lastUsedText(uses: KeysInUse, { keyId, createdAt }: Pick<ApiKey, 'keyId' | 'createdAt'>): string {
  const { lastUsedAt } = uses.of(keyId);
  if (lastUsedAt !== undefined) return formatTime(lastUsedAt) ?? '';
  if (uses.since === undefined) return 'not known: nothing is recorded yet';
  return `not since ${formatTime(Math.max(uses.since, createdAt ?? 0))}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago a minute was. Times in epoch seconds. */
export function formatAgo(at: number, now: number): string {
  const passed = now - at;
  if (passed < MINUTE) return 'less than a minute ago';
  const [amount, unit] =
    passed < HOUR ? [passed / MINUTE, 'minute'] : passed < DAY ? [passed / HOUR, 'hour'] : [passed / DAY, 'day'];
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? '' : 's'} ago`;
}
