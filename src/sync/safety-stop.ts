import { SyncError } from '../keycloak/sync-error.ts';
import type { PassOptions, SyncChange } from './pass.ts';

/** So many accounts may be disabled at once whatever their share: in a small table each is a large one. */
const ALWAYS_ALLOWED = 3;

const DEFAULT_SHARE = 0.1;

/** How many accounts are active, and how many of those have a live key. */
export interface Totals {
  readonly active: number;
  readonly withKeys: number;
}

/** Someone to be disabled. */
export interface Candidate extends SyncChange {
  readonly hasLiveKeys: boolean;
  /** They deleted their own account, by the realm's events: a mistake of the realm's looks otherwise. */
  readonly deletedSelf: boolean;
}

export interface Verdict {
  readonly allowed: readonly Candidate[];
  readonly held: readonly Candidate[];
  /** The shares that are too great. */
  readonly shares: readonly Share[];
}

interface Share {
  readonly count: number;
  readonly of: number;
  readonly what: string;
}

/**
 * Holds back whom to disable where it is a great part of the accounts at once. That is how a mistake looks: the wrong
 * realm, a restored backup, a user federation that was taken away or switched off (its users are gone or look disabled
 * then).
 *
 * Two shares, each judged on its own, so that users without keys can't keep a key working: of the accounts with live
 * keys; and of all accounts where tokens are checked against accounts too, which holds back those without keys. An
 * account without keys where only keys are checked cuts nobody off.
 */
export function judgeDisabling(
  candidates: readonly Candidate[],
  totals: Totals,
  { maxDisableShare = DEFAULT_SHARE, accountCheck = 'keys' }: PassOptions,
): Verdict {
  const judged = candidates.filter(({ deletedSelf }) => !deletedSelf);
  const withKeys = judged.filter(({ hasLiveKeys }) => hasLiveKeys);
  const holdsKeys = isTooMany(withKeys.length, totals.withKeys, maxDisableShare);
  const holdsOthers = accountCheck === 'all' && isTooMany(judged.length, totals.active, maxDisableShare);
  const isHeld = ({ deletedSelf, hasLiveKeys }: Candidate) => !deletedSelf && (hasLiveKeys ? holdsKeys : holdsOthers);
  return {
    allowed: candidates.filter((one) => !isHeld(one)),
    held: candidates.filter(isHeld),
    shares: [
      ...(holdsKeys ? [{ count: withKeys.length, of: totals.withKeys, what: 'active accounts with live keys' }] : []),
      ...(holdsOthers ? [{ count: judged.length, of: totals.active, what: 'active accounts' }] : []),
    ],
  };
}

/** Whether so few are to be disabled that nothing about them has to be known. */
export function isAlwaysAllowed(count: number): boolean {
  return count <= ALWAYS_ALLOWED;
}

function isTooMany(count: number, of: number, share: number): boolean {
  return !isAlwaysAllowed(count) && count > of * share;
}

/** @throws SyncError `safety_stop` if someone is held back. */
export function assertNobodyHeld(
  { allowed, held, shares }: Verdict,
  { dryRun = false, maxDisableShare = DEFAULT_SHARE }: PassOptions,
): void {
  const [first] = held;
  if (first === undefined) return;
  const gone = held.filter(({ because }) => because === 'gone').length;
  const tooGreat = shares.map(({ count, of, what }) => `${count} of ${of} ${what}`).join(' and ');
  const percent = Math.max(...shares.map(({ count, of }) => Math.ceil((100 * count) / Math.max(count, of))));
  const others = allowed.length === 0 || dryRun ? '' : ` Disabled all the same: ${allowed.length}.`;
  throw new SyncError(
    'safety_stop',
    `Stopped: ${tooGreat} would be disabled at once, and ${Math.floor(maxDisableShare * 100)} % is the most. Held back ` +
      `and as before: ${held.length} (${gone} users gone, ${held.length - gone} disabled in the realm; the first is ` +
      `${first.userId}).${others} Look at these users in the realm, or at "gatepass sync --dry-run ` +
      `--max-disable-share 100"; if it is right, allow it with --max-disable-share ${percent}.`,
  );
}
