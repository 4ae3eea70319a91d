import type { ApiKeyRecord } from '../../table/keys.ts';
import type { Changes } from '../../table/write.ts';
import { type ApiKey, graceEndOf, keyStateAt } from '../api-key.ts';

/** A key of which a secret was found. */
export interface LeakedKey {
  /** As it is afterwards. Absent for a deleted key of another system, of which only a hash is left. */
  readonly item?: ApiKey;
  /** `ended`: the secret of an earlier rotation or of a deleted key, or made up. */
  readonly secret: 'current' | 'replaced' | 'ended';
  /** Whether the key let in who had this secret, if its owner's account was good. */
  readonly wasLive: boolean;
  /**
   * What was done, or would be. `marked`: the key was off already, and this secret stays dead when it is enabled;
   * `nothing`: the secret was dead already.
   */
  readonly done: 'disabled' | 'deleted' | 'grace_ended' | 'marked' | 'nothing';
  /** Where it was found, as far as that is known. */
  readonly where?: string | undefined;
}

/** What is to be done about a secret that was found in public. */
export interface LeakVerdict extends Pick<LeakedKey, 'secret' | 'wasLive' | 'done'> {
  /** What is to be written, if anything is. */
  readonly changes?: Changes<ApiKeyRecord>;
}

/**
 * Judges a secret by its key as it is in the table.
 *
 * @param hash of the whole key that was found.
 * @param at epoch seconds: now.
 */
export function judgeLeak(record: ApiKeyRecord, hash: string, at: number, action: 'disable' | 'delete'): LeakVerdict {
  const { replacedHash } = record;
  const state = keyStateAt(record, at);
  if (state === 'deleted') return { secret: 'ended', wasLive: false, done: 'nothing' };
  const wasLive = state === 'active' || state === 'in_grace';
  if (record.hash === hash) return { secret: 'current', wasLive, ...judgeCurrent(record, hash, action) };
  if (replacedHash !== hash) return { secret: 'ended', wasLive: false, done: 'nothing' };
  return at < (graceEndOf(record) ?? 0)
    ? { secret: 'replaced', wasLive, done: 'grace_ended', changes: { replacedUntil: at } }
    : { secret: 'replaced', wasLive: false, done: 'nothing' };
}

function judgeCurrent(
  { active, disabledBy, leakedHash }: ApiKeyRecord,
  hash: string,
  action: 'disable' | 'delete',
): Pick<LeakVerdict, 'done' | 'changes'> {
  // What others than its owner disabled stays theirs: its owner must not bring it back by a rotation.
  const off = active === true || disabledBy === 'user' ? ({ active: false, disabledBy: 'leak' } as const) : {};
  const changes = { ...off, leakedHash: hash };
  if (action === 'delete') return { done: 'deleted', changes };
  if (active === true) return { done: 'disabled', changes };
  return leakedHash === hash ? { done: 'nothing' } : { done: 'marked', changes };
}
