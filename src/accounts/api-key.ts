import type { ApiKeyRecord } from '../table/keys.ts';

/** A key as it may be shown: all that is kept of it but the hashes, which stay in the table. */
export type ApiKey = Omit<ApiKeyRecord, 'hash' | 'replacedHash' | 'importedHash' | 'leakedHash'>;

/** A key and the user who must own it: a change of another's key is refused as that of one that isn't there. */
export interface OwnedKey {
  readonly userId: string;
  readonly keyId: string;
}

export type KeyState = 'active' | 'in_grace' | 'disabled' | 'expired' | 'deleted';

/**
 * How a key stands by itself, whatever its owner's account is: one that is active or in grace lets its callers in.
 *
 * @param at epoch seconds
 */
export function keyStateAt(key: ApiKey, at: number): KeyState {
  const { deleted, active, expiresAt } = key;
  if (deleted === true) return 'deleted';
  if (active !== true) return 'disabled';
  if (expiresAt !== undefined && at >= expiresAt) return 'expired';
  return at < (graceEndOf(key) ?? 0) ? 'in_grace' : 'active';
}

/** When the secret that a rotation replaced no longer works, in epoch seconds: at the end of its grace, or the key's. */
export function graceEndOf({ replacedUntil, expiresAt }: ApiKey): number | undefined {
  return replacedUntil === undefined || expiresAt === undefined ? replacedUntil : Math.min(replacedUntil, expiresAt);
}

export function withoutHashes(record: ApiKeyRecord): ApiKey {
  const { hash: _1, replacedHash: _2, importedHash: _3, leakedHash: _4, ...rest } = record;
  return rest;
}

/** Whether a key's current secret was found in public: it is refused, whatever else is said of the key. */
export function isLeaked({ hash, leakedHash }: ApiKeyRecord): boolean {
  return hash !== undefined && hash === leakedHash;
}
