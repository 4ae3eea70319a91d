import { type ApiKey, graceEndOf, keyStateAt } from '../accounts/api-key.ts';
import { formatSecond } from '../seconds.ts';
import type { KeyView } from './key-view.ts';

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
