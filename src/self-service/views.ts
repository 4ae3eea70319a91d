import { type ApiKey, graceEndOf, keyStateAt } from '../accounts/api-key.ts';
import { formatSecond } from '../seconds.ts';
import type { DayOfUse, LastUse } from '../usage/reader.ts';
import type { KeyListView, KeyView, UsageView } from './key-view.ts';

/** What is known of the use of keys, and since when, in epoch seconds. */
export interface Uses {
  readonly last: ReadonlyMap<string, LastUse>;
  readonly since: number;
}

/** Addresses that are shown of a key at most. */
const MAX_ADDRESSES = 20;

/** @param at epoch seconds */
export function listOf(keys: readonly ApiKey[], uses: Uses | undefined, at: number): KeyListView {
  const views = keys.map((key) => {
    const lastUsedAt = uses?.last.get(key.keyId)?.lastUsedAt;
    return { ...viewOf(key, at), ...(lastUsedAt !== undefined && { lastUsedAt: formatSecond(lastUsedAt) }) };
  });
  return { keys: views, ...(uses && { usageSince: formatSecond(uses.since) }) };
}

export function usageOf(days: readonly DayOfUse[]): UsageView {
  const addresses = [...new Set(days.flatMap(({ usedFrom }) => usedFrom.addresses))];
  return {
    days: days.map(({ day, minutesUsed, minutesRefused }) => ({
      ...{ day, minutesUsed },
      minutesRefused: Object.values(minutesRefused).reduce((sum, minutes) => sum + minutes, 0),
    })),
    addresses: addresses.slice(0, MAX_ADDRESSES),
    more: addresses.length > MAX_ADDRESSES || days.some(({ usedFrom }) => usedFrom.more),
  };
}

/** @param at epoch seconds */
export function viewOf(key: ApiKey, at: number): KeyView {
  const { keyId, name = '', environment = '', scope, allowedNetworks = [], disabledBy, leakedAt, leakedWhere } = key;
  const state = stateOf(key, at);
  const graceEnd = graceEndOf(key);
  const isLeaked = state === 'disabled' && disabledBy === 'leak';
  return {
    ...{ id: keyId, name, environment, state, networks: allowedNetworks, createdAt: formatSecond(key.createdAt ?? 0) },
    ...(scope !== undefined && { scope }),
    ...(state === 'in_grace' && graceEnd !== undefined && { graceEndsAt: formatSecond(graceEnd) }),
    ...(state === 'disabled' && disabledBy !== undefined && { disabledBy }),
    ...(isLeaked && leakedAt !== undefined && { leakedAt: formatSecond(leakedAt) }),
    ...(isLeaked && leakedWhere !== undefined && { leakedWhere }),
    ...(key.rotatedAt !== undefined && { rotatedAt: formatSecond(key.rotatedAt) }),
    ...(key.expiresAt !== undefined && { expiresAt: formatSecond(key.expiresAt) }),
  };
}

function stateOf(key: ApiKey, at: number): KeyView['state'] {
  const state = keyStateAt(key, at);
  return state === 'deleted' ? 'disabled' : state;
}
