import type { ApiKey } from '../accounts/api-key.ts';
import { formatSecond } from '../seconds.ts';
import type { KeyView } from './key-view.ts';

/** @param at epoch seconds */
export function viewOf(key: ApiKey, at: number): KeyView {
  const { keyId, name = '', environment = '', scope, allowedNetworks = [], disabledBy, leakedAt, leakedWhere } = key;
  const state = stateOf(key, at);
  const isLeaked = state === 'disabled' && disabledBy === 'leak';
  return {
    ...{ id: keyId, name, environment, state, networks: allowedNetworks, createdAt: formatSecond(key.createdAt ?? 0) },
    ...(scope !== undefined && { scope }),
    ...(state === 'in_grace' && key.replacedUntil !== undefined && { graceEndsAt: formatSecond(key.replacedUntil) }),
    ...(state === 'disabled' && disabledBy !== undefined && { disabledBy }),
    ...(isLeaked && leakedAt !== undefined && { leakedAt: formatSecond(leakedAt) }),
    ...(isLeaked && leakedWhere !== undefined && { leakedWhere }),
    ...(key.rotatedAt !== undefined && { rotatedAt: formatSecond(key.rotatedAt) }),
    ...(key.expiresAt !== undefined && { expiresAt: formatSecond(key.expiresAt) }),
  };
}

function stateOf({ active, expiresAt, replacedUntil }: ApiKey, at: number): KeyView['state'] {
  if (active !== true) return 'disabled';
  if (expiresAt !== undefined && at >= expiresAt) return 'expired';
  return replacedUntil !== undefined && at < replacedUntil ? 'in_grace' : 'active';
}
