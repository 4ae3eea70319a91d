import { withDeadline } from '../deadline.ts';
import type { Clock, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import type { FetchedJwks } from './fetch-jwks.ts';
import { createFetchSchedule, UNKNOWN_KEY_LIMIT } from './fetch-schedule.ts';
import type { RealmKey } from './jwks.ts';
import { isFresh, isUsable, type KeySet, NoUsableKeyError, readKeySet, wouldList } from './key-set.ts';

/** The signing keys of one realm, kept at hand and kept fresh. */
export interface RealmKeys {
  /**
   * The key that a token names, or `unknown` if the realm has none of that `kid`: a fetch that began after this call
   * lacks it, or one may not begin now and the last would have listed the key of so old a token.
   *
   * @param issuedAt the token's `iat`, in epoch seconds, if it has one.
   * @throws Fault `fault.realm_keys` when the realm can't be asked, and what is in hand doesn't tell;
   *   `fault.realm_keys_limited` when the realm answers, but may not be asked for unknown keys now.
   */
  find(kid: string, trace: Trace, issuedAt?: number): Promise<RealmKey | 'unknown'>;
  /**
   * Begins to fetch, so that the first token need not wait for all of it. Never rejects.
   *
   * @param deadline in epoch milliseconds: when it resolves at the latest. The fetch goes on then, a read doesn't.
   * @param table whether the set kept in the table is taken meanwhile.
   */
  prefetch(deadline: number, table: 'on' | 'off'): Promise<void>;
}

/** A key set that was fetched before, by another. */
export interface KeptKeySet {
  readonly jwks: unknown;
  /** When it was fetched, in epoch seconds. */
  readonly fetchedAt: number;
}

interface RealmKeysParts {
  readonly uri: string;
  /** How long one fetch may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly fetchJwks: (uri: string, timeoutMs: number) => Promise<FetchedJwks>;
  /** The set kept in the table: read in advance, and when there is none in hand and the realm can't be asked. */
  readonly readKept: (trace: Trace) => Promise<KeptKeySet | undefined>;
  readonly now: Clock;
  /** From 0 to less than 1. */
  readonly random: () => number;
}

/** A fetch that took so much longer than it may didn't run all that time: the function was frozen. */
const FROZEN_MS = 500;

export function createRealmKeys(parts: RealmKeysParts): RealmKeys {
  const { uri, timeoutMs, fetchJwks, readKept, now, random } = parts;
  const schedule = createFetchSchedule(random);
  let current: KeySet | undefined;
  /** Since when the realm answers sets without a usable key, in epoch milliseconds. */
  let emptySince: number | undefined;
  let lastFailure: unknown;
  /** How many fetches have begun. */
  let fetches = 0;
  let inFlight: Promise<void> | undefined;
  /** The kept set, read once after each failed fetch, for all decisions that wait for it. */
  let recalled: Promise<KeySet | undefined> | undefined;

  return { find, prefetch };

  async function prefetch(deadline: number, table: 'on' | 'off'): Promise<void> {
    const start: Trace = { deadline, tableRequests: 0 };
    await Promise.allSettled([waitFor(fetchSet(), start), table === 'on' && takeKept(start)]);
  }

  /** While it is as fresh as one of our own would have to be, decisions don't wait for a slow realm. */
  async function takeKept(trace: Trace): Promise<void> {
    const kept = await readKeptSet(trace);
    current ??= usable(kept);
  }

  async function find(kid: string, trace: Trace, issuedAt?: number): Promise<RealmKey | 'unknown'> {
    const fetchesBefore = fetches;
    const set = current && isFresh(current, now()) ? current : await takeUsableSet(trace);
    return set.keys.get(kid) ?? (await findUnknown(kid, fetchesBefore, trace, issuedAt));
  }

  /** An old set is fetched anew, and serves on if that fails. */
  async function takeUsableSet(trace: Trace): Promise<KeySet> {
    if (usable(current) !== undefined) {
      if (inFlight || schedule.mayRefresh(now())) await waitFor(fetchSet(), trace).catch(() => undefined);
    } else if (inFlight || schedule.retryIn(now()) === 0) {
      await waitFor(fetchSet(), trace).catch(throwIfTimeIsUp);
    }
    if (usable(current) === undefined) {
      const kept = await recall(trace);
      current = usable(current) ?? usable(kept); // a fetch may have ended meanwhile
    }
    if (current === undefined) throw unavailable();
    return current;
  }

  /** @param fetchesBefore how many fetches had begun when the token arrived. */
  async function findUnknown(
    kid: string,
    fetchesBefore: number,
    trace: Trace,
    issuedAt: number | undefined,
  ): Promise<RealmKey | 'unknown'> {
    const isAsked = () => fetches > fetchesBefore;
    // A fetch that began before may bring the key, but what it lacks may have been published since.
    if (inFlight && !isAsked()) await waitFor(inFlight, trace).catch(throwIfTimeIsUp);
    const key = current?.keys.get(kid);
    if (key !== undefined) return key;
    if (!isAsked() && !schedule.takeUnknownKey(now())) return refuseOrThrow(issuedAt);
    if (!isAsked() || inFlight) await waitFor(fetchSet(), trace);
    if (current === undefined || current.fetch <= fetchesBefore) throw unavailable();
    return current.keys.get(kid) ?? 'unknown';
  }

  /** For an unknown kid when no fetch may begin. */
  function refuseOrThrow(issuedAt: number | undefined): 'unknown' {
    if (current !== undefined && wouldList(current, issuedAt, now())) return 'unknown';
    throw lastFailure === undefined ? limited() : unavailable();
  }

  /** Joins the fetch under way, or begins one. */
  function fetchSet(): Promise<void> {
    inFlight ??= fetchAnew().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  }

  async function fetchAnew(): Promise<void> {
    fetches += 1;
    const startedAt = now();
    try {
      const { document, isFromCache } = await fetchJwks(uri, timeoutMs);
      current = readKeySet(document, { fetchedAt: startedAt, fetch: fetches, isFromCache });
      emptySince = undefined;
      lastFailure = undefined;
      schedule.succeeded();
    } catch (error) {
      if (now() - startedAt > timeoutMs + FROZEN_MS) return fetchAnew();
      if (error instanceof NoUsableKeyError) emptySince ??= now();
      lastFailure = error;
      recalled = undefined;
      schedule.failed(now());
      throw unavailable();
    }
  }

  function recall(trace: Trace): Promise<KeySet | undefined> {
    recalled ??= readKeptSet(trace).catch(() => undefined); // the realm's failure is the one to tell of
    return recalled;
  }

  async function readKeptSet(trace: Trace): Promise<KeySet | undefined> {
    const kept = await readKept(trace);
    return kept && readKeySet(kept.jwks, { fetchedAt: kept.fetchedAt * 1000, fetch: 0, isFromCache: false });
  }

  function usable(set: KeySet | undefined): KeySet | undefined {
    if (emptySince !== undefined) emptySince = Math.min(emptySince, now()); // later only if the clock was set back
    return set !== undefined && isUsable(set, now(), emptySince) ? set : undefined;
  }

  /** The fetch goes on for others when a decision can wait no longer. */
  function waitFor(fetch: Promise<void>, { deadline }: Trace): Promise<void> {
    return withDeadline(deadline, now, 'the realm', () => fetch);
  }

  function unavailable(): Fault {
    const seconds = current === undefined ? Math.ceil(schedule.retryIn(now()) / 1000) : 0;
    const next = seconds === 0 ? '' : `; the next fetch may begin in ${seconds} s`;
    return new Fault('fault.realm_keys', `The realm's keys could not be fetched from ${uri}${next}.`, {
      cause: lastFailure,
    });
  }
}

function limited(): Fault {
  return new Fault(
    'fault.realm_keys_limited',
    `The realm's keys lack the token's, and are fetched for unknown keys ${UNKNOWN_KEY_LIMIT}.`,
  );
}

function throwIfTimeIsUp(failure: unknown): void {
  if (failure instanceof Fault && failure.reason === 'fault.deadline') throw failure;
}
