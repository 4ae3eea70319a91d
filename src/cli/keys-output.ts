import type { Admin } from '../accounts/admin.ts';
import { type ApiKey, graceEndOf, type KeyState, keyStateAt, type OwnedKey } from '../accounts/api-key.ts';
import { getKey, type KeyChange } from '../accounts/key-state.ts';
import { formatJson, formatTable, formatTime, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import type { ConnectOptions } from './connect.ts';

/** A key that ends within this time is about to expire. */
const SOON_SECONDS = 14 * 86_400;

export function toRow(item: ApiKey, now: number): Row {
  return {
    KEY: item.keyId,
    USER: item.userId,
    NAME: item.name,
    STATE: stateOf(item, now / 1000),
    ENVIRONMENT: item.environment,
    CREATED: formatTime(item.createdAt),
    CHANGED: formatTime(item.updatedAt),
    EXPIRES: formatTime(item.expiresAt) ?? 'never',
    GRACE: now / 1000 < (graceEndOf(item) ?? 0) ? `until ${formatTime(graceEndOf(item))}` : undefined,
  };
}

const STATES: Readonly<Record<KeyState, string>> = {
  active: 'active',
  in_grace: 'in grace',
  disabled: 'disabled',
  expired: 'expired',
  deleted: 'deleted',
};

function stateOf(item: ApiKey, at: number): string {
  const state = keyStateAt(item, at);
  const { disabledBy, expiresAt = Number.POSITIVE_INFINITY } = item;
  if (state === 'disabled' && disabledBy === 'leak') return 'disabled (leaked)';
  const endsSoon = (state === 'active' || state === 'in_grace') && at >= expiresAt - SOON_SECONDS;
  return endsSoon ? 'expires soon' : STATES[state];
}

export function printKey(
  { out }: Output,
  item: ApiKey | (ApiKey & Pick<KeyChange, 'changed'>),
  { json }: ConnectOptions,
): void {
  out(json ? formatJson(item) : formatTable([toRow(item, Date.now())]));
}

export function printChange(output: Output, { item, changed }: KeyChange, options: ConnectOptions): void {
  printKey(output, options.json ? { changed, ...item } : item, options);
  if (!changed && !options.json) output.err('It was so already: nothing was changed.');
}

/** An operator names a key by its id alone: whoever owns it is meant. */
export async function owned(admin: Admin, keyId: string): Promise<OwnedKey> {
  const { userId } = await getKey(admin, keyId);
  return { userId, keyId };
}
