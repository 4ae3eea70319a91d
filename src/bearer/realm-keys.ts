import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import { parseJwks, type RealmKey, type RealmKeySet } from './jwks.ts';

/** The signing keys of one realm, kept at hand and kept fresh. */
export interface RealmKeys {
  /**
   * The key that a token names, or `unknown` if a fetch that began after this call lacks it.
   *
   * @throws Fault `fault.realm_keys` when that can't be told: no set, or no fresh one to look an unknown `kid` up in.
   */
  find(kid: string): Promise<RealmKey | 'unknown'>;
  /** Begins to fetch, so that the first token need not wait for all of it. Never rejects. */
  prefetch(): Promise<void>;
}

interface RealmKeysParts {
  readonly uri: string;
  readonly fetchJwks: (uri: string) => Promise<unknown>;
  readonly now: Clock;
}

const MINUTE_MS = 60_000;
/** From this age on the set is fetched anew, so that a key which the realm withdrew stops being trusted. */
const FRESH_MS = 10 * MINUTE_MS;
/** Up to this age a set serves on while the realm can't be reached. */
const USABLE_MS = 24 * 60 * MINUTE_MS;
/** How soon after a failed refresh the next one is tried, while the set in hand serves. */
const RETRY_MS = 10_000;
/** The most fetches in any minute, whatever asks for them: forged tokens can name any number of unknown keys. */
const FETCHES_PER_MINUTE = 6;

interface FetchedSet {
  readonly keys: RealmKeySet;
  /** Which fetch brought it, counted from 1. */
  readonly fetch: number;
  /** When that fetch began. */
  readonly fetchedAt: number;
}

/** All ages and budgets count wall-clock time, because a Lambda sleeps between requests and its timers with it. */
export function createRealmKeys({ uri, fetchJwks, now }: RealmKeysParts): RealmKeys {
  let current: FetchedSet | undefined;
  let inFlight: { readonly fetch: number; readonly done: Promise<void> } | undefined;
  let fetches = 0;
  let recentStarts: readonly number[] = [];
  let lastFailureAt = Number.NEGATIVE_INFINITY;

  return { find, prefetch: () => refresh().catch(() => undefined) };

  async function find(kid: string): Promise<RealmKey | 'unknown'> {
    const fetchesBefore = fetches;
    await refreshIfOld();
    for (;;) {
      const key = current?.keys.get(kid);
      if (key !== undefined) return key;
      if (current !== undefined && current.fetch > fetchesBefore) return 'unknown';
      if (inFlight !== undefined && inFlight.fetch <= fetchesBefore) await inFlight.done.catch(() => undefined);
      else await refresh();
    }
  }

  async function refreshIfOld(): Promise<void> {
    if (current === undefined || ageOf(current) < FRESH_MS) return;
    if (ageOf(current) >= USABLE_MS) current = undefined;
    else if (now() - lastFailureAt >= RETRY_MS) await refresh().catch(() => undefined);
  }

  function ageOf(set: FetchedSet): number {
    return now() - set.fetchedAt;
  }

  /** Joins the fetch under way or begins one. */
  function refresh(): Promise<void> {
    if (inFlight === undefined) {
      const fetch = fetches + 1;
      const done = fetchSet(fetch).finally(() => {
        inFlight = undefined;
      });
      inFlight = { fetch, done };
    }
    return inFlight.done;
  }

  async function fetchSet(fetch: number): Promise<void> {
    const startedAt = now();
    recentStarts = recentStarts.filter((start) => startedAt - start < MINUTE_MS);
    if (recentStarts.length >= FETCHES_PER_MINUTE) {
      throw new Fault(
        'fault.realm_keys',
        `The realm's keys were asked for ${FETCHES_PER_MINUTE} times within a minute.`,
      );
    }
    recentStarts = [...recentStarts, startedAt];
    fetches = fetch;
    try {
      current = { keys: parseJwks(await fetchJwks(uri)), fetch, fetchedAt: startedAt };
    } catch (error) {
      lastFailureAt = now();
      throw new Fault('fault.realm_keys', `The realm's keys could not be fetched from ${uri}.`, { cause: error });
    }
  }
}
