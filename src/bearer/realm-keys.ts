import { withDeadline } from '../deadline.ts';
import type { Clock, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import { parseJwks, type RealmKey, type RealmKeySet } from './jwks.ts';

/** The signing keys of one realm, kept at hand and kept fresh. */
export interface RealmKeys {
  /**
   * The key that a token names, or `unknown` if a fetch that began after this call lacks it.
   *
   * @throws Fault `fault.realm_keys` when that can't be told: no set, or no fresh one to look an unknown `kid` up in.
   */
  find(kid: string, trace: Trace): Promise<RealmKey | 'unknown'>;
  /** Begins to fetch, so that the first token need not wait for all of it. Never rejects. */
  prefetch(): Promise<void>;
}

/** A key set that was fetched before, by another. */
export interface KeptKeySet {
  readonly jwks: unknown;
  /** When it was fetched, in epoch seconds. */
  readonly fetchedAt: number;
}

interface RealmKeysParts {
  readonly uri: string;
  readonly fetchJwks: (uri: string) => Promise<unknown>;
  /** The set kept in the table: asked for when a cold start finds the realm out of reach. */
  readonly readKept: (trace: Trace) => Promise<KeptKeySet | undefined>;
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
  /** Which fetch brought it, counted from 1; 0 for a kept one. */
  readonly fetch: number;
  /** When that fetch began. */
  readonly fetchedAt: number;
}

/** All ages and budgets count wall-clock time, because a Lambda sleeps between requests and its timers with it. */
export function createRealmKeys({ uri, fetchJwks, readKept, now }: RealmKeysParts): RealmKeys {
  let current: FetchedSet | undefined;
  let inFlight: { readonly fetch: number; readonly done: Promise<void> } | undefined;
  let fetches = 0;
  let recentStarts: readonly number[] = [];
  let lastFailureAt = Number.NEGATIVE_INFINITY;

  return { find, prefetch: () => refresh().catch(() => undefined) };

  async function find(kid: string, trace: Trace): Promise<RealmKey | 'unknown'> {
    const fetchesBefore = fetches;
    await refreshIfOld(trace);
    for (;;) {
      const key = current?.keys.get(kid);
      if (key !== undefined) return key;
      if (current !== undefined && current.fetch > fetchesBefore) return 'unknown';
      if (inFlight !== undefined && inFlight.fetch <= fetchesBefore)
        await waitFor(inFlight.done, trace).catch(unlessTimeIsUp);
      else await refreshOrRecall(trace);
    }
  }

  /** A kept set counts as one in hand, by its age; without either, the failure stands. */
  async function refreshOrRecall(trace: Trace): Promise<void> {
    try {
      await waitFor(refresh(), trace);
    } catch (failure) {
      if (current !== undefined) throw failure;
      const kept = await recall(trace);
      current ??= kept; // another decision may have fetched a fresh one meanwhile
      if (current === undefined) throw failure;
    }
  }

  async function recall(trace: Trace): Promise<FetchedSet | undefined> {
    try {
      const kept = await readKept(trace);
      if (kept === undefined || now() - kept.fetchedAt * 1000 >= USABLE_MS) return undefined;
      return { keys: parseJwks(kept.jwks), fetch: 0, fetchedAt: kept.fetchedAt * 1000 };
    } catch {
      return undefined; // the realm's failure is the one to tell of
    }
  }

  async function refreshIfOld(trace: Trace): Promise<void> {
    if (current === undefined || ageOf(current) < FRESH_MS) return;
    if (ageOf(current) >= USABLE_MS) current = undefined;
    else if (now() - lastFailureAt >= RETRY_MS) await waitFor(refresh(), trace).catch(() => undefined);
  }

  /** A fetch goes on for others when one decision can wait no longer. */
  function waitFor(fetch: Promise<void>, { deadline }: Trace): Promise<void> {
    return withDeadline(deadline, now, () => fetch);
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

/** Another's fetch that failed is no reason to give up, but for one's own time. */
function unlessTimeIsUp(failure: unknown): void {
  if (failure instanceof Fault && failure.reason === 'fault.deadline') throw failure;
}
