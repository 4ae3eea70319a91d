import { parseJwks, type RealmKeySet } from './jwks.ts';

const MINUTE_MS = 60_000;
/** From this age on a set is fetched anew, so that a key which the realm withdrew stops being trusted. */
const FRESH_MS = 10 * MINUTE_MS;
/** Up to this age a set serves on while the realm can't be reached. */
const USABLE_MS = 24 * 60 * MINUTE_MS;
/** So long a set serves on after the realm's first answer without a usable key, which may be a withdrawal. */
const USABLE_AFTER_EMPTY_MS = 15 * MINUTE_MS;
/** By so much a token must be older than a fetch for its key to have been in that answer. */
const LISTED_AFTER_MS = 2 * MINUTE_MS;

/** A set of the realm's keys, and where it comes from. */
export interface KeySet {
  readonly keys: RealmKeySet;
  /** When its fetch began, in epoch milliseconds. */
  readonly fetchedAt: number;
  /** Which fetch of this instance brought it, counted from 1; 0 for one that was kept in the table. */
  readonly fetch: number;
  /** A cache on the way answered, with a set that may be older than the fetch. */
  readonly isFromCache: boolean;
}

/** What a realm answers that is being restored, or whose keys were all withdrawn. */
export class NoUsableKeyError extends Error {
  override readonly name = 'NoUsableKeyError';
}

/** @throws TypeError when the document isn't a JWK Set, NoUsableKeyError when none of its keys may verify tokens. */
export function readKeySet(document: unknown, origin: Omit<KeySet, 'keys'>): KeySet {
  const keys = parseJwks(document);
  if (![...keys.values()].some((key) => key !== 'unsuitable')) {
    throw new NoUsableKeyError('the JWK Set has no RSA signing key for RS256');
  }
  return { keys, ...origin };
}

/** Not for a set from the future: the clock was set back, and its age isn't known. */
export function isFresh({ fetchedAt }: KeySet, now: number): boolean {
  return now >= fetchedAt && now - fetchedAt < FRESH_MS;
}

/**
 * A kept set serves 15 minutes from its own fetch, once the realm answers without a usable key: others may have had that
 * answer long before this instance, but none before the set was fetched.
 *
 * @param emptySince when the realm first answered this instance without a usable key, after it had answered with one.
 */
export function isUsable({ fetchedAt, fetch }: KeySet, now: number, emptySince: number | undefined): boolean {
  if (now - fetchedAt >= USABLE_MS) return false;
  return emptySince === undefined || now - (fetch === 0 ? fetchedAt : emptySince) < USABLE_AFTER_EMPTY_MS;
}

/**
 * Whether the realm would have listed the key of a token in this set, had it ever had that key.
 *
 * @param issuedAt the token's `iat`, in epoch seconds.
 */
export function wouldList(set: KeySet, issuedAt: number | undefined, now: number): boolean {
  const isOwn = set.fetch > 0 && !set.isFromCache;
  return isOwn && isFresh(set, now) && issuedAt !== undefined && issuedAt * 1000 <= set.fetchedAt - LISTED_AFTER_MS;
}
