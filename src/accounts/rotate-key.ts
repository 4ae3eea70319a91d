import { createApiKey } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { formatSecond } from '../seconds.ts';
import type { ApiKeyRecord } from '../table/keys.ts';
import type { Changes } from '../table/write.ts';
import type { Admin } from './admin.ts';
import { AdminError } from './admin-error.ts';
import { isLeaked, type OwnedKey, withoutHashes } from './api-key.ts';
import { momentOf, prefixOf } from './input.ts';
import { type Actor, changeKey, disabledByOther, readOwnedKey } from './key-state.ts';
import type { IssuedKey } from './keys.ts';

export interface Rotation {
  /** How long the secret that is replaced goes on working, in seconds; 0 ends it at once. */
  readonly graceSeconds: number;
  /** How the new key starts, `gp` if not told. */
  readonly prefix?: string | undefined;
  /**
   * Which secret gives way when a grace is still running, since there is room for two: `current`, the one that the
   * last rotation made, whose grace goes on for the other, or `replaced`, the one in grace, which ends now.
   */
  readonly discard?: 'current' | 'replaced' | undefined;
}

/**
 * Gives a key a new secret under the same id; the old one works until the grace ends and not a second longer.
 *
 * An imported key becomes one of ours; what it was works on in grace. During a grace it must be said which of the two
 * secrets gives way, because a repeat by mistake would otherwise cut off the callers that still use the older one.
 *
 * A secret that was found in public gives way at once and has no grace. The key is enabled, unless an operator or the
 * sync disabled it and its owner rotates it.
 *
 * @returns the whole new key, to be shown this once.
 * @throws AdminError `invalid_input`, `key_not_found`, `key_deleted`, `key_not_active`, `key_expired`, `key_in_grace`,
 *   `key_rotated`, `disabled_by_other`
 */
export async function rotateKey(
  admin: Admin,
  owned: OwnedKey,
  { graceSeconds, prefix = 'gp', discard }: Rotation,
  by: Actor = 'operator',
): Promise<IssuedKey> {
  if (graceSeconds === 0 && discard === 'current') {
    throw new AdminError(
      'invalid_input',
      'With --discard current the older secret keeps its grace, so a grace of 0s contradicts it: use --discard replaced.',
    );
  }
  const before = await readOwnedKey(admin, owned);
  const { keyId, environment = 'live' } = before;
  const key = createApiKey({ prefix: prefixOf(prefix), environment, keyId }, admin.randomBytes);
  const hash = hashApiKey(key);
  const { record } = await changeKey(admin, owned, (current, at) => {
    // Done already: the SDK repeats a write whose answer was lost.
    if (current.hash === hash) return undefined;
    assertRotatable(current, at, by);
    if (current.hash !== before.hash) throw rotatedMeanwhile(keyId);
    return secretsAfter(current, { graceSeconds, discard }, hash, at);
  });
  return { key, item: withoutHashes(record) };
}

/** The secrets of a key once it has a new one, whose hash this is: beside it there is room for one. */
function secretsAfter(
  current: ApiKeyRecord,
  { graceSeconds, discard }: Pick<Rotation, 'graceSeconds' | 'discard'>,
  hash: string,
  at: number,
): Changes<ApiKeyRecord> {
  const leaked = isLeaked(current);
  const fresh = { hash, rotatedAt: at, ...(leaked && { active: true, disabledBy: undefined }) };
  const isInGrace = current.replacedUntil !== undefined && at < current.replacedUntil;
  if (isInGrace && discard === undefined && !leaked) throw inGrace(current);
  // A secret that was found in public gives way by itself.
  const givesWay = discard ?? (graceSeconds > 0 ? 'current' : 'replaced');
  if (isInGrace && givesWay === 'current') return fresh;
  const replacedUntil = leaked ? at : momentOf('end of the grace', at + graceSeconds);
  // Without a grace too, so that the log tells a replaced secret from a guess.
  return { ...fresh, replacedHash: current.hash, replacedUntil };
}

function assertRotatable(item: ApiKeyRecord, at: number, by: Actor): void {
  const { keyId, active, deleted, disabledBy, expiresAt } = item;
  if (deleted === true) throw new AdminError('key_deleted', `Key ${keyId} is deleted, which can't be undone.`);
  if (active !== true && isLeaked(item)) {
    if (by === 'user' && disabledBy !== 'leak') throw disabledByOther(keyId);
  } else if (active !== true) {
    throw new AdminError('key_not_active', `Key ${keyId} is disabled: enable it first, or make another.`);
  }
  if (expiresAt !== undefined && at >= expiresAt) {
    throw new AdminError(
      'key_expired',
      `Key ${keyId} has expired, and rotating leaves its end: move that first, by "gatepass keys update".`,
    );
  }
}

/** Whose secret would be lost: the other rotation's has been handed out. */
function rotatedMeanwhile(keyId: string): AdminError {
  return new AdminError(
    'key_rotated',
    `Key ${keyId} was rotated by someone else at the same moment: nothing was changed. Ask them for the new key.`,
  );
}

function inGrace({ keyId, replacedUntil = 0 }: ApiKeyRecord): AdminError {
  const until = formatSecond(replacedUntil);
  return new AdminError(
    'key_in_grace',
    `Key ${keyId} was rotated already, and its old secret works until ${until}. Say which of the two gives way: ` +
      '--discard current (the newer one, if nobody has it yet) or --discard replaced (the older one, at once).',
  );
}
