import { afterEach, describe, expect, it, vi } from 'vitest';
import type { FetchedJwks } from '../../../src/bearer/fetch-jwks.ts';
import { createRealmKeys, type KeptKeySet, type RealmKeys } from '../../../src/bearer/realm-keys.ts';
import { RSA_2048 } from './public-keys.ts';

const URI = 'https://id.example.com/realms/main/protocol/openid-connect/certs';
const TIMEOUT_MS = 2000;
const START = 1_795_508_130_000;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const REFUSED = new Error('connect ECONNREFUSED');
const REALM_FAULT = { name: 'Fault', reason: 'fault.realm_keys' };
const LIMITED = { name: 'Fault', reason: 'fault.realm_keys_limited' };

/** A realm's answer with a signing key of each kid. */
function jwks(...kids: string[]): object {
  return { keys: kids.map((kid) => ({ ...RSA_2048, kid })) };
}

const EMPTY = { keys: [] };

/** A realm that answers at once, with a clock that stands still unless it is moved. */
function startRealm({ first = jwks('k1'), kept }: { first?: unknown; kept?: KeptKeySet } = {}) {
  const realm = {
    now: START,
    /** What it answers from now on; an Error is thrown. */
    answer: first,
    isFromCache: false,
    /** How long it takes to. */
    takes: 0,
    kept: kept as KeptKeySet | Promise<KeptKeySet> | Error | undefined,
    keptReads: 0,
    fetched: [] as [uri: string, timeoutMs: number][],
  };
  const keys = createRealmKeys({
    uri: URI,
    timeoutMs: TIMEOUT_MS,
    async fetchJwks(...args) {
      realm.fetched.push(args);
      const { answer: document, isFromCache } = realm;
      realm.now += realm.takes;
      if (document instanceof Error) throw document;
      return { document, isFromCache };
    },
    async readKept() {
      realm.keptReads++;
      if (realm.kept instanceof Error) throw realm.kept;
      return realm.kept;
    },
    now: () => realm.now,
    random: () => 0,
  });
  return { realm, ...asked(keys, () => realm.now) };
}

/** A realm that answers its fetches one by one, when it is told to. */
function startSlowRealm(kept?: KeptKeySet) {
  const clock = { now: START };
  const waiting: { resolve(fetched: FetchedJwks): void; reject(error: Error): void }[] = [];
  let fetches = 0;
  const keys = createRealmKeys({
    uri: URI,
    timeoutMs: TIMEOUT_MS,
    fetchJwks: () =>
      new Promise((resolve, reject) => {
        fetches += 1;
        waiting.push({ resolve, reject });
      }),
    readKept: async () => kept,
    now: () => clock.now,
    random: () => 0,
  });
  return {
    ...asked(keys, () => clock.now),
    clock,
    fetches: () => fetches,
    async answer(document: unknown) {
      waiting.shift()?.resolve({ document, isFromCache: false });
      await settle();
    },
    async fail() {
      waiting.shift()?.reject(REFUSED);
      await settle();
    },
  };
}

/** Asks as a decision does that has begun now and has all its time, about a token that was issued now. */
function asked({ find, prefetch }: RealmKeys, now: () => number) {
  return {
    async find(kid: string, issuedAt: number | undefined = now() / 1000, milliseconds = 5000) {
      const key = await find(kid, { deadline: now() + milliseconds, tableRequests: 0 }, issuedAt);
      return typeof key === 'string' ? key : 'found';
    },
    prefetch: (milliseconds = 300, table: 'on' | 'off' = 'on') => prefetch(now() + milliseconds, table),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

afterEach(() => {
  vi.useRealTimers();
});

describe('a key of the realm', () => {
  it('is found with one fetch, of the configured address within the configured time', async () => {
    const { realm, find } = startRealm();
    expect(await find('k1')).toBe('found');
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toStrictEqual([[URI, TIMEOUT_MS]]);
  });

  it('is found without another fetch when it was fetched in advance', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(1);
  });

  it('waits for the fetch under way rather than beginning one', async () => {
    const { find, prefetch, fetches, answer } = startSlowRealm();
    const prefetched = prefetch();
    const found = [find('k1'), find('k2'), find('k1')];
    await answer(jwks('k1', 'k2'));
    await prefetched;
    expect(await Promise.all(found)).toStrictEqual(['found', 'found', 'found']);
    expect(fetches()).toBe(1);
  });

  it('that is unsuitable is not fetched again', async () => {
    const { realm, find, prefetch } = startRealm({ first: { keys: [{ ...RSA_2048, kid: 'k1' }, { kid: 'enc' }] } });
    await prefetch();
    for (let time = 0; time < 10; time++) expect(await find('enc')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(1);
  });
});

describe('an unknown kid', () => {
  it('is looked for in a new fetch, and found if the realm has published it since', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = jwks('k1', 'k2');
    expect(await find('k2')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is unknown once a fetch that began after it arrived lacks it', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    expect(await find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is unknown after one fetch when there was no set at all', async () => {
    const { realm, find } = startRealm();
    expect(await find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(1);
  });

  it('is unknown after one fetch when the set was old', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.now += 10 * MINUTE;
    expect(await find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is not unknown for a fetch that began before it arrived', async () => {
    const { find, prefetch, fetches, answer } = startSlowRealm();
    void prefetch();
    const found = find('k2');
    await answer(jwks('k1'));
    expect(fetches()).toBe(2);
    await answer(jwks('k1', 'k2'));
    expect(await found).toBe('found');
  });

  it('is found without another fetch when the one under way brings it', async () => {
    const { find, prefetch, fetches, answer } = startSlowRealm();
    void prefetch();
    const found = find('k2');
    await answer(jwks('k2'));
    expect(await found).toBe('found');
    expect(fetches()).toBe(1);
  });

  it('shares its fetch with all that arrive before it begins', async () => {
    const { find, prefetch, fetches, answer } = startSlowRealm();
    void prefetch();
    const found = ['a', 'b', 'c'].map((kid) => find(kid));
    await answer(jwks('k1'));
    await answer(jwks('k1', 'b'));
    expect(await Promise.all(found)).toStrictEqual(['unknown', 'found', 'unknown']);
    expect(fetches()).toBe(2);
  });

  it('that arrives while another is looked for waits for a fetch of its own', async () => {
    const { find, fetches, answer } = startSlowRealm();
    const first = find('a');
    await settle();
    const second = find('b');
    await answer(jwks('k1'));
    expect(await first).toBe('unknown');
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await second).toBe('unknown');
  });

  it('is looked for by one more fetch when the one under way, which began before it arrived, fails', async () => {
    const { find, prefetch, fetches, answer, fail } = startSlowRealm();
    const prefetched = prefetch();
    await answer(jwks('k1'));
    await prefetched;
    const first = expect(find('a')).rejects.toMatchObject(REALM_FAULT);
    await settle();
    const second = find('k2');
    await fail();
    await first;
    expect(fetches()).toBe(3);
    await answer(jwks('k1', 'k2'));
    expect(await second).toBe('found');
  });

  it('is a fault, not a refusal, when the realm can not be asked, while known keys go on', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    await expect(find('k2')).rejects.toMatchObject({
      ...REALM_FAULT,
      message: `The realm's keys could not be fetched from ${URI}.`,
      cause: REFUSED,
    });
    expect(await find('k1')).toBe('found');
  });

  it('is a fault when the realm answers with something else than a key set', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = { error: 'Realm does not exist' };
    await expect(find('k2')).rejects.toMatchObject({ ...REALM_FAULT, cause: expect.any(TypeError) });
    expect(await find('k1')).toBe('found');
  });
});

describe('a flood of unknown kids', () => {
  /** A realm that has been asked for unknown kids as often as it may now. */
  async function flooded() {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    for (let fetch = 1; fetch <= 3; fetch++) expect(await find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(4);
    return { realm, find };
  }

  it('causes three fetches at once, then none: a token that may be of a fresh key is a fault of its own kind', async () => {
    const { realm, find } = await flooded();
    await expect(find('fresh')).rejects.toMatchObject(LIMITED);
    await expect(find('fresh', undefined)).rejects.toMatchObject(LIMITED);
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(4);
  });

  it('keeps a fresh key waiting for ten seconds at most', async () => {
    const { realm, find } = await flooded();
    realm.answer = jwks('k1', 'fresh');
    realm.now += 10 * SECOND - 1;
    await expect(find('fresh')).rejects.toMatchObject(LIMITED);
    realm.now += 1;
    // A forged token takes the fetch, which brings the key all the same.
    expect(await find('forged')).toBe('unknown');
    expect(await find('fresh')).toBe('found');
    expect(realm.fetched).toHaveLength(5);
  });

  it('does not keep an old token from being refused, if the last good fetch would have listed its key', async () => {
    const { realm, find } = await flooded();
    const fetchedAt = realm.now / SECOND;
    expect(await find('withdrawn', fetchedAt - 120)).toBe('unknown');
    await expect(find('withdrawn', fetchedAt - 119)).rejects.toMatchObject(LIMITED);
    expect(realm.fetched).toHaveLength(4);
  });

  it('does not decide by a set that a cache on the way answered', async () => {
    const { realm, find } = startRealm();
    realm.isFromCache = true;
    for (let fetch = 1; fetch <= 4; fetch++) expect(await find('forged')).toBe('unknown');
    await expect(find('withdrawn', 0)).rejects.toMatchObject(LIMITED);
  });

  it('while the realm fails is told as the failure that it is', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    for (let time = 1; time <= 4; time++) await expect(find('forged')).rejects.toMatchObject(REALM_FAULT);
    expect(realm.fetched).toHaveLength(4);
    expect(await find('withdrawn', 0)).toBe('unknown');
  });

  it('is told as a flood again once the realm has answered', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    await expect(find('forged')).rejects.toMatchObject(REALM_FAULT);
    realm.answer = jwks('k1');
    for (let fetch = 1; fetch <= 2; fetch++) expect(await find('forged')).toBe('unknown');
    await expect(find('forged')).rejects.toMatchObject(LIMITED);
  });

  it('has an old token looked for where that may be: its key may have been enabled again', async () => {
    const { realm, find, prefetch } = startRealm({ first: jwks('k1', 'k2') });
    await prefetch();
    realm.answer = jwks('k2');
    realm.now += 10 * MINUTE;
    expect(await find('k1', 0)).toBe('unknown');
    realm.answer = jwks('k1', 'k2');
    expect(await find('k1', 0)).toBe('found');
  });
});

describe('without a set', () => {
  it('the realm is asked again after a second and more, and until then a decision is a fault at once', async () => {
    const { realm, find } = startRealm({ first: REFUSED });
    await expect(find('k1')).rejects.toMatchObject({ ...REALM_FAULT, cause: REFUSED });
    realm.answer = jwks('k1');
    realm.now += SECOND - 1;
    await expect(find('k1')).rejects.toMatchObject({
      ...REALM_FAULT,
      message: `The realm's keys could not be fetched from ${URI}; the next fetch may begin in 1 s.`,
      cause: REFUSED,
    });
    expect(realm.fetched).toHaveLength(1);
    realm.now += 1;
    expect(await find('k1')).toBe('found');
  });

  it('it is asked however often it has failed, and a token of its key is found within five seconds of its return', async () => {
    const { realm, find } = startRealm({ first: REFUSED });
    for (let second = 0; second < 600; second++) {
      await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
      realm.now += SECOND;
    }
    expect(realm.fetched.length).toBeGreaterThan(100);
    realm.answer = jwks('k1');
    const back = realm.now;
    while ((await find('k1').catch(() => 'a fault')) !== 'found') realm.now += 100;
    expect(realm.now - back).toBeLessThanOrEqual(5 * SECOND);
  });

  it('it is asked again as soon as at first, if it had answered in between', async () => {
    const { realm, find } = startRealm({ first: REFUSED });
    for (let failure = 0; failure < 3; failure++) {
      await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
      realm.now += 5 * SECOND;
    }
    realm.answer = jwks('k1');
    await find('k1');
    realm.answer = REFUSED;
    realm.now += 24 * HOUR;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
    realm.answer = jwks('k1');
    realm.now += SECOND;
    expect(await find('k1')).toBe('found');
  });

  it('a fetch in advance that fails is a fault for the token that waits for it, and never rejects', async () => {
    const { find, prefetch, fetches, fail } = startSlowRealm();
    const prefetched = prefetch();
    const found = expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
    await fail();
    await found;
    await expect(prefetched).resolves.toBeUndefined();
    expect(fetches()).toBe(1);
  });

  it('one fetch serves all that wait, and its failure is the failure of all', async () => {
    const { find, fetches, fail } = startSlowRealm();
    const found = ['k1', 'k2'].map((kid) => expect(find(kid)).rejects.toMatchObject(REALM_FAULT));
    await fail();
    await Promise.all(found);
    expect(fetches()).toBe(1);
  });
});

describe('a set', () => {
  it('is fetched anew from ten minutes on, so that a withdrawn key stops being trusted', async () => {
    const { realm, find, prefetch } = startRealm({ first: jwks('k1', 'k2') });
    await prefetch();
    realm.answer = jwks('k2');
    realm.now += 10 * MINUTE - 1;
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(1);
    realm.now += 1;
    expect(await find('k1')).toBe('unknown');
    expect(await find('k2')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is as old as the beginning of its fetch', async () => {
    const { realm, find, prefetch } = startRealm();
    realm.takes = 1500;
    await prefetch();
    realm.now += 10 * MINUTE - 1501;
    await find('k1');
    expect(realm.fetched).toHaveLength(1);
    realm.now += 1;
    await find('k1');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is fetched anew when the clock was set back, since its age is not known then', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.now -= HOUR;
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
    realm.now += 10 * MINUTE - 1;
    await find('k1');
    expect(realm.fetched).toHaveLength(2);
  });

  it('that is old is fetched once for all who ask for it meanwhile', async () => {
    const { find, prefetch, clock, fetches, answer } = startSlowRealm();
    const prefetched = prefetch();
    await answer(jwks('k1'));
    await prefetched;
    clock.now += 10 * MINUTE;
    const found = [find('k1'), find('k1'), find('k1')];
    await settle();
    await answer(jwks('k1'));
    expect(await Promise.all(found)).toStrictEqual(['found', 'found', 'found']);
    expect(fetches()).toBe(2);
  });

  it('serves on while the realm can not be reached, for less than 24 hours', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    for (const age of [10 * MINUTE, HOUR, 24 * HOUR - 1]) {
      realm.now = START + age;
      expect(await find('k1')).toBe('found');
    }
    expect(realm.fetched).toHaveLength(4);
    realm.now += 1;
    await expect(find('k1')).rejects.toMatchObject({ ...REALM_FAULT, cause: REFUSED });
  });

  it('that was too old once is never used again, even when the clock is set back', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    realm.now += 24 * HOUR;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
    realm.now -= HOUR;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('that could not be fetched anew serves for thirty seconds before that is tried again', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = REFUSED;
    realm.now += 10 * MINUTE;
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
    realm.now += 30 * SECOND - 1;
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
    realm.now += 1;
    realm.answer = jwks('k2');
    expect(await find('k1')).toBe('unknown');
    expect(realm.fetched).toHaveLength(3);
  });

  it('that is old does not use up the fetches for unknown kids', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.now += 10 * MINUTE;
    await find('k1');
    for (let fetch = 1; fetch <= 3; fetch++) expect(await find('forged')).toBe('unknown');
    await expect(find('forged')).rejects.toMatchObject(LIMITED);
  });
});

describe('an answer without a usable key', () => {
  it('is a failed fetch: the good set serves on, and an unknown kid is a fault', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = EMPTY;
    await expect(find('k2')).rejects.toMatchObject({ ...REALM_FAULT, cause: { name: 'NoUsableKeyError' } });
    expect(await find('k1')).toBe('found');
  });

  it('lets the good set serve for fifteen minutes from the first such answer, and no longer', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = EMPTY;
    realm.now += 10 * MINUTE;
    expect(await find('k1')).toBe('found'); // the first such answer
    realm.now += 10 * MINUTE;
    expect(await find('k1')).toBe('found'); // another
    realm.now += 5 * MINUTE - 1;
    expect(await find('k1')).toBe('found');
    realm.now += 1;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('counts also when the realm can not be reached after it', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = EMPTY;
    await expect(find('k2')).rejects.toMatchObject(REALM_FAULT);
    realm.answer = REFUSED;
    realm.now += 15 * MINUTE;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('counts no longer once the realm has answered with a good set', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = EMPTY;
    await expect(find('k2')).rejects.toMatchObject(REALM_FAULT);
    realm.answer = jwks('k1');
    expect(await find('k2')).toBe('unknown');
    realm.answer = REFUSED;
    realm.now += 24 * HOUR - 1;
    expect(await find('k1')).toBe('found');
  });

  it('counts from the moment to which the clock was set back, at the latest', async () => {
    const { realm, find, prefetch } = startRealm();
    await prefetch();
    realm.answer = EMPTY;
    await expect(find('k2')).rejects.toMatchObject(REALM_FAULT);
    realm.now -= HOUR;
    expect(await find('k1')).toBe('found');
    realm.now += 15 * MINUTE;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('lets a kept set serve at a cold start, for fifteen minutes from when that was fetched', async () => {
    const kept = { jwks: jwks('k1'), fetchedAt: START / 1000 - 600 };
    const { realm, find } = startRealm({ first: EMPTY, kept });
    expect(await find('k1')).toBe('found');
    realm.now += 5 * MINUTE - 1;
    expect(await find('k1')).toBe('found');
    realm.now += 1;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('ends an older kept set at once, since the keys may have been withdrawn long ago', async () => {
    const kept = { jwks: jwks('k1'), fetchedAt: START / 1000 - 3600 };
    const { realm, find } = startRealm({ first: REFUSED, kept });
    expect(await find('k1')).toBe('found');
    realm.answer = EMPTY;
    realm.now += 30 * SECOND;
    await expect(find('k1')).rejects.toMatchObject(REALM_FAULT);
  });
});

describe('a fetch that a freeze of the function interrupted', () => {
  it('is begun again for the decision that waits, and is no failure of the realm', async () => {
    const { find, prefetch, clock, fetches, answer, fail } = startSlowRealm();
    void prefetch();
    clock.now += HOUR; // the function was frozen, and thaws for this decision
    const found = find('k1');
    await fail();
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await found).toBe('found');
  });

  it.each([
    [TIMEOUT_MS + 500, 1],
    [TIMEOUT_MS + 501, 2],
  ])('is one that took %i ms and failed: %i fetches', async (milliseconds, expected) => {
    const { prefetch, clock, fetches, fail } = startSlowRealm();
    void prefetch();
    clock.now += milliseconds;
    await fail();
    expect(fetches()).toBe(expected);
  });

  it('and that brings a set all the same counts from when it began', async () => {
    const { find, prefetch, clock, fetches, answer } = startSlowRealm();
    void prefetch();
    clock.now += HOUR;
    const found = find('k1');
    await answer(jwks('k1'));
    expect(await found).toBe('found');
    void find('k1');
    await settle();
    expect(fetches()).toBe(2);
  });
});

describe('a decision that has little time', () => {
  function startSilentRealm(isSilent: () => boolean) {
    vi.useFakeTimers({ now: START });
    const keys = createRealmKeys({
      uri: URI,
      timeoutMs: TIMEOUT_MS,
      fetchJwks: () =>
        isSilent() ? new Promise(() => {}) : Promise.resolve({ document: jwks('k1'), isFromCache: false }),
      readKept: async () => undefined,
      now: Date.now,
      random: () => 0,
    });
    return asked(keys, Date.now);
  }

  /** What comes of it, and after how many milliseconds. */
  async function outcomeOf(found: Promise<string>): Promise<[string, number]> {
    const startedAt = Date.now();
    const outcome = found.then(
      (key) => key,
      (fault) => fault.reason,
    );
    const timed = outcome.then((it): [string, number] => [it, Date.now() - startedAt]);
    await vi.advanceTimersByTimeAsync(4000);
    return timed;
  }

  it('and no set is a fault at its deadline', async () => {
    const { find } = startSilentRealm(() => true);
    expect(await outcomeOf(find('k1', 0, 500))).toEqual(['fault.deadline', 500]);
  });

  it('and joins a fetch under way is a fault at its deadline', async () => {
    const { find, prefetch } = startSilentRealm(() => true);
    void prefetch();
    expect(await outcomeOf(find('k1', 0, 500))).toEqual(['fault.deadline', 500]);
  });

  it('and a set that is to be fetched anew uses the one in hand, at its deadline', async () => {
    let isSilent = false;
    const { find, prefetch } = startSilentRealm(() => isSilent);
    await prefetch();
    isSilent = true;
    vi.setSystemTime(START + 10 * MINUTE);
    expect(await outcomeOf(find('k1', 0, 500))).toEqual(['found', 500]);
  });

  it('and an unknown kid is a fault at its deadline, whether it begins the fetch or joins it', async () => {
    let isSilent = false;
    const { find, prefetch } = startSilentRealm(() => isSilent);
    await prefetch();
    isSilent = true;
    const both = [outcomeOf(find('k2', 0, 500)), outcomeOf(find('k2', 0, 700))];
    expect(await Promise.all(both)).toEqual([
      ['fault.deadline', 500],
      ['fault.deadline', 700],
    ]);
  });
});

describe('the set kept in the table', () => {
  const keptFor = (milliseconds: number): KeptKeySet => ({
    jwks: jwks('k1'),
    fetchedAt: (START - milliseconds) / 1000,
  });

  it('serves when a cold start finds the realm out of reach', async () => {
    const { realm, find } = startRealm({ first: REFUSED, kept: keptFor(HOUR) });
    expect(await find('k1')).toBe('found');
    expect(await find('k1')).toBe('found');
    expect(realm.keptReads).toBe(1);
  });

  it('is fetched anew when the realm is back, thirty seconds after it was last asked', async () => {
    const { realm, find } = startRealm({ first: REFUSED, kept: keptFor(HOUR) });
    await find('k1');
    realm.answer = jwks('k2');
    realm.now += 30 * SECOND;
    expect(await find('k1')).toBe('unknown');
  });

  it('serves also where the realm may not be asked again yet', async () => {
    const { realm, find, prefetch } = startRealm({ first: REFUSED, kept: keptFor(HOUR) });
    await prefetch();
    expect(await find('k1')).toBe('found');
    expect(realm.fetched).toHaveLength(1);
  });

  it('is not asked for while the realm answers', async () => {
    const { realm, find } = startRealm({ kept: keptFor(HOUR) });
    expect(await find('k1')).toBe('found');
    expect(realm.keptReads).toBe(0);
  });

  it('serves until it is 24 hours old, by when it was fetched', async () => {
    const young = startRealm({ first: REFUSED, kept: keptFor(24 * HOUR - 1) });
    expect(await young.find('k1')).toBe('found');
    const old = startRealm({ first: REFUSED, kept: keptFor(24 * HOUR) });
    await expect(old.find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('never makes a token of an unknown key refused: that stays a fault', async () => {
    const { find } = startRealm({ first: REFUSED, kept: keptFor(HOUR) });
    for (let time = 0; time < 5; time++) await expect(find('k2', 0)).rejects.toMatchObject(REALM_FAULT);
  });

  it('is asked for once after each failed fetch, and leaves the failure of the realm to tell of', async () => {
    const { realm, find } = startRealm({ first: REFUSED });
    for (const kept of [undefined, new Error('the table'), { jwks: EMPTY, fetchedAt: START / 1000 }]) {
      realm.kept = kept;
      for (let time = 0; time < 3; time++) await expect(find('k1')).rejects.toMatchObject({ cause: REFUSED });
      realm.now += 5 * SECOND;
    }
    expect(realm.keptReads).toBe(3);
  });

  it('does not replace a set that was fetched while it was read', async () => {
    const { realm, find } = startRealm({ first: REFUSED });
    let read = (_: KeptKeySet) => {};
    realm.kept = new Promise<KeptKeySet>((resolve) => {
      read = resolve;
    });
    const first = find('k2');
    await settle();
    realm.answer = jwks('k2');
    realm.now += SECOND;
    const second = find('k2');
    await settle();
    read(keptFor(HOUR));
    expect(await Promise.all([first, second])).toEqual(['found', 'found']);
    expect(await find('k2')).toBe('found');
    expect(realm.fetched).toHaveLength(2);
  });
});

describe('fetching in advance', () => {
  const keptFor = (milliseconds: number): KeptKeySet => ({
    jwks: jwks('k1'),
    fetchedAt: (START - milliseconds) / 1000,
  });

  it('takes the kept set in one read, and no decision reads it again', async () => {
    const { realm, find, prefetch } = startRealm({ first: REFUSED, kept: keptFor(HOUR) });
    await prefetch();
    expect(await find('k1')).toBe('found');
    expect(await find('k1')).toBe('found');
    expect(realm.keptReads).toBe(1);
  });

  it.each([
    ['just younger', 10 * MINUTE - SECOND, 'found'],
    ['as old', 10 * MINUTE, 'waits'],
  ])(
    'lets a kept set that is %s as one is fetched anew at decide without a slow realm: %i ms',
    async (_, age, what) => {
      const { find, prefetch } = startSlowRealm(keptFor(age));
      void prefetch();
      await settle();
      expect(await Promise.race([find('k1'), settle().then(() => 'waits')])).toBe(what);
    },
  );

  it('still waits for the realm where the kept set lacks the kid', async () => {
    const { find, prefetch, answer } = startSlowRealm(keptFor(MINUTE));
    void prefetch();
    await settle();
    const found = find('k2');
    await answer(jwks('k1', 'k2'));
    expect(await found).toBe('found');
  });

  it('leaves the table alone where it is told to', async () => {
    const { realm, find, prefetch } = startRealm({ kept: keptFor(MINUTE) });
    await prefetch(300, 'off');
    expect(await find('k1')).toBe('found');
    expect(realm.keptReads).toBe(0);
  });

  it('keeps the set that the realm gave when the kept one comes later', async () => {
    const { realm, find, prefetch } = startRealm({ first: jwks('k2') });
    let read = (_: KeptKeySet) => {};
    realm.kept = new Promise<KeptKeySet>((resolve) => {
      read = resolve;
    });
    const prefetched = prefetch();
    await settle();
    read(keptFor(MINUTE));
    await prefetched;
    expect(await find('k2')).toBe('found');
    expect(realm.fetched).toHaveLength(1);
  });

  it.each([
    ['fails', new Error('the table')],
    ['has a set without a usable key', { jwks: EMPTY, fetchedAt: START / 1000 }],
    ['has none', undefined],
  ])('never fails where the table %s', async (_, kept) => {
    const { realm, find, prefetch } = startRealm();
    realm.kept = kept;
    await expect(prefetch()).resolves.toBeUndefined();
    expect(await find('k1')).toBe('found');
  });

  it('is over at its deadline while the realm is silent, and its fetch goes on', async () => {
    vi.useFakeTimers({ now: START });
    const { prefetch, find, clock, fetches, answer } = startSlowRealm();
    let isOver = false;
    void prefetch(300).then(() => {
      isOver = true;
    });
    await vi.advanceTimersByTimeAsync(299);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
    clock.now += 300;
    vi.useRealTimers();
    const found = find('k1');
    await answer(jwks('k1'));
    expect(await found).toBe('found');
    expect(fetches()).toBe(1);
  });
});
