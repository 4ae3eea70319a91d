import { KeyObject } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { createRealmKeys, type KeptKeySet, type RealmKeys } from '../../../src/bearer/realm-keys.ts';
import { RSA_2048 } from './public-keys.ts';

const URI = 'https://id.example.com/realms/main/protocol/openid-connect/certs';
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A key set of which only the kids matter: a key with nothing but a kid is known, and unsuitable. */
function jwks(...kids: string[]) {
  return { keys: kids.map((kid) => ({ kid })) };
}

/** A realm that answers at once, with a clock that stands still unless it is moved. */
function startRealm(first: unknown = jwks('k1')) {
  const realm = {
    now: 1_795_508_130_000,
    /** What it answers from now on; an Error is thrown. */
    answer: first,
    fetched: [] as string[],
  };
  const keys = createRealmKeys({
    uri: URI,
    async fetchJwks(uri) {
      realm.fetched.push(uri);
      if (realm.answer instanceof Error) throw realm.answer;
      return realm.answer;
    },
    readKept: async () => undefined,
    now: () => realm.now,
  });
  return { realm, keys: withTrace(keys, () => realm.now) };
}

/** A realm that answers its fetches one by one, when it is told to. */
function startSlowRealm() {
  const clock = { now: 1_795_508_130_000 };
  const waiting: { answer(document: unknown): void; fail(error: Error): void }[] = [];
  let fetches = 0;
  const keys = createRealmKeys({
    uri: URI,
    fetchJwks: () =>
      new Promise((answer, fail) => {
        fetches += 1;
        waiting.push({ answer, fail });
      }),
    readKept: async () => undefined,
    now: () => clock.now,
  });
  return {
    keys: withTrace(keys, () => clock.now),
    clock,
    fetches: () => fetches,
    async answer(document: unknown) {
      waiting.shift()?.answer(document);
      await settle();
    },
    async fail() {
      waiting.shift()?.fail(new Error('connect ECONNREFUSED'));
      await settle();
    },
  };
}

/** Asks as a decision does that has begun now and has all its time. */
function withTrace({ find, prefetch }: RealmKeys, now: () => number) {
  return { find: (kid: string) => find(kid, { deadline: now() + 5000, tableRequests: 0 }), prefetch };
}

/** Lets everything happen that waits for nothing but its turn. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const REALM_FAULT = { name: 'Fault', reason: 'fault.realm_keys' };

describe('a key of the realm', () => {
  it('is found with one fetch, of the configured address', async () => {
    const { realm, keys } = startRealm({ keys: [{ ...RSA_2048, kid: 'k1' }] });
    expect(await keys.find('k1')).toBeInstanceOf(KeyObject);
    expect(await keys.find('k1')).toBeInstanceOf(KeyObject);
    expect(realm.fetched).toStrictEqual([URI]);
  });

  it('is found without another fetch when it was fetched in advance', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    expect(await keys.find('k1')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(1);
  });

  it('waits for the fetch under way rather than beginning one', async () => {
    const { keys, fetches, answer } = startSlowRealm();
    const prefetched = keys.prefetch();
    const found = [keys.find('k1'), keys.find('k2'), keys.find('k1')];
    await answer(jwks('k1', 'k2'));
    await prefetched;
    expect(await Promise.all(found)).toStrictEqual(['unsuitable', 'unsuitable', 'unsuitable']);
    expect(fetches()).toBe(1);
  });

  it('that is unsuitable is not fetched again', async () => {
    const { realm, keys } = startRealm(jwks('enc'));
    await keys.prefetch();
    for (let time = 0; time < 10; time++) expect(await keys.find('enc')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(1);
  });
});

describe('fetching in advance', () => {
  it('never rejects, and does not stand in the way of the fetch that a token needs', async () => {
    const { realm, keys } = startRealm(new Error('connect ECONNREFUSED'));
    await expect(keys.prefetch()).resolves.toBeUndefined();
    realm.answer = jwks('k1');
    expect(await keys.find('k1')).toBe('unsuitable');
  });

  it('that fails while a token waits for it is tried once more for that token', async () => {
    const { keys, fetches, answer, fail } = startSlowRealm();
    void keys.prefetch();
    const found = keys.find('k1');
    await fail();
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await found).toBe('unsuitable');
  });

  it('that fails twice is a fault for the token that waited', async () => {
    const { keys, fetches, fail } = startSlowRealm();
    void keys.prefetch();
    const found = expect(keys.find('k1')).rejects.toMatchObject(REALM_FAULT);
    await fail();
    await fail();
    await found;
    expect(fetches()).toBe(2);
  });
});

describe('an unknown kid', () => {
  it('is looked for in a new fetch, and found if the realm has published it since', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = jwks('k1', 'k2');
    expect(await keys.find('k2')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is unknown once a fetch that began after it arrived lacks it', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    expect(await keys.find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is unknown after one fetch when there was no set at all', async () => {
    const { realm, keys } = startRealm();
    expect(await keys.find('forged')).toBe('unknown');
    expect(realm.fetched).toHaveLength(1);
  });

  it('is not unknown for a fetch that began before it arrived', async () => {
    const { keys, fetches, answer } = startSlowRealm();
    void keys.prefetch();
    const found = keys.find('k2');
    await answer(jwks('k1'));
    expect(fetches()).toBe(2);
    await answer(jwks('k1', 'k2'));
    expect(await found).toBe('unsuitable');
  });

  it('is found without another fetch when the one under way brings it', async () => {
    const { keys, fetches, answer } = startSlowRealm();
    void keys.prefetch();
    const found = keys.find('k2');
    await answer(jwks('k2'));
    expect(await found).toBe('unsuitable');
    expect(fetches()).toBe(1);
  });

  it('shares its fetch with all that arrive before it begins', async () => {
    const { keys, fetches, answer } = startSlowRealm();
    void keys.prefetch();
    const found = ['a', 'b', 'c'].map((kid) => keys.find(kid));
    await answer(jwks('k1'));
    await answer(jwks('k1', 'b'));
    expect(await Promise.all(found)).toStrictEqual(['unknown', 'unsuitable', 'unknown']);
    expect(fetches()).toBe(2);
  });

  it('that arrives while another is looked for waits for a fetch of its own', async () => {
    const { keys, fetches, answer } = startSlowRealm();
    const first = keys.find('a');
    await settle();
    const second = keys.find('b');
    await answer(jwks('k1'));
    expect(await first).toBe('unknown');
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await second).toBe('unknown');
  });

  it('is a fault, not a refusal, when the realm cannot be asked, while known keys go on', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = new Error('connect ECONNREFUSED');
    await expect(keys.find('k2')).rejects.toMatchObject({
      ...REALM_FAULT,
      message: expect.stringContaining(URI),
      cause: realm.answer,
    });
    expect(await keys.find('k1')).toBe('unsuitable');
  });

  it('is a fault when the realm answers with something else than a key set', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = { error: 'Realm does not exist' };
    await expect(keys.find('k2')).rejects.toMatchObject({ ...REALM_FAULT, cause: expect.any(TypeError) });
    expect(await keys.find('k1')).toBe('unsuitable');
  });
});

describe('the budget of fetches', () => {
  /** A realm that was asked six times within a minute, ten seconds apart, the first time at `start`. */
  async function spend() {
    const { realm, keys } = startRealm();
    const start = realm.now;
    await keys.prefetch();
    for (let fetch = 2; fetch <= 6; fetch++) {
      realm.now += 10 * SECOND;
      expect(await keys.find(`forged-${fetch}`)).toBe('unknown');
    }
    expect(realm.fetched).toHaveLength(6);
    return { realm, keys, start };
  }

  it('is six in a minute: an unknown kid after that is a fault, since it may be a fresh key', async () => {
    const { realm, keys } = await spend();
    await expect(keys.find('fresh')).rejects.toMatchObject(REALM_FAULT);
    expect(realm.fetched).toHaveLength(6);
  });

  it('that is spent keeps no known key from being found', async () => {
    const { realm, keys } = await spend();
    await expect(keys.find('fresh')).rejects.toMatchObject(REALM_FAULT);
    expect(await keys.find('k1')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(6);
  });

  it('has room again a minute after the first of them, and not a millisecond before', async () => {
    const { realm, keys, start } = await spend();
    realm.now = start + MINUTE - 1;
    await expect(keys.find('fresh')).rejects.toMatchObject(REALM_FAULT);
    realm.now = start + MINUTE;
    realm.answer = jwks('k1', 'fresh');
    expect(await keys.find('fresh')).toBe('unsuitable');
    await expect(keys.find('fresh-2')).rejects.toMatchObject(REALM_FAULT);
    realm.now = start + MINUTE + 10 * SECOND;
    expect(await keys.find('fresh-2')).toBe('unknown');
  });

  it('counts fetches that fail', async () => {
    const { realm, keys } = startRealm(new Error('connect ECONNREFUSED'));
    for (let fetch = 1; fetch <= 6; fetch++) await expect(keys.find('k1')).rejects.toMatchObject(REALM_FAULT);
    realm.answer = jwks('k1');
    await expect(keys.find('k1')).rejects.toMatchObject(REALM_FAULT);
    expect(realm.fetched).toHaveLength(6);
    realm.now += MINUTE;
    expect(await keys.find('k1')).toBe('unsuitable');
  });

  it('is not spent by what it refused', async () => {
    const { realm, keys, start } = await spend();
    for (let time = 0; time < 20; time++) await expect(keys.find('fresh')).rejects.toMatchObject(REALM_FAULT);
    realm.now = start + MINUTE;
    expect(await keys.find('fresh')).toBe('unknown');
  });
});

describe('a set', () => {
  it('is fetched anew from ten minutes on, so that a withdrawn key stops being trusted', async () => {
    const { realm, keys } = startRealm(jwks('k1', 'k2'));
    await keys.prefetch();
    realm.answer = jwks('k2');
    realm.now += 10 * MINUTE - 1;
    expect(await keys.find('k1')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(1);
    realm.now += 1;
    expect(await keys.find('k1')).toBe('unknown');
    expect(realm.fetched).toHaveLength(2);
    expect(await keys.find('k2')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(2);
  });

  it('is as old as the beginning of its fetch', async () => {
    const { keys, clock, fetches, answer } = startSlowRealm();
    const prefetched = keys.prefetch();
    clock.now += 1500;
    await answer(jwks('k1'));
    await prefetched;
    clock.now += 10 * MINUTE - 1500;
    const found = keys.find('k1');
    await settle();
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await found).toBe('unsuitable');
  });

  it('that is old is fetched once for all who ask for it meanwhile', async () => {
    const { keys, clock, fetches, answer } = startSlowRealm();
    const prefetched = keys.prefetch();
    await answer(jwks('k1'));
    await prefetched;
    clock.now += 10 * MINUTE;
    const found = [keys.find('k1'), keys.find('k1'), keys.find('k1')];
    await settle();
    expect(fetches()).toBe(2);
    await answer(jwks('k1'));
    expect(await Promise.all(found)).toStrictEqual(['unsuitable', 'unsuitable', 'unsuitable']);
    expect(fetches()).toBe(2);
  });

  it('serves on for less than 24 hours while the realm cannot be reached', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = new Error('connect ECONNREFUSED');
    for (const age of [10 * MINUTE, 12 * HOUR, 24 * HOUR - 1]) {
      realm.now = 1_795_508_130_000 + age;
      expect(await keys.find('k1')).toBe('unsuitable');
    }
    realm.now = 1_795_508_130_000 + 24 * HOUR;
    await expect(keys.find('k1')).rejects.toMatchObject({ ...REALM_FAULT, cause: realm.answer });
  });

  it('serves on while the realm answers with something else than a key set', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = { error: 'unavailable' };
    realm.now += 10 * MINUTE;
    expect(await keys.find('k1')).toBe('unsuitable');
  });

  it('serves on while the budget is spent', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.now += 10 * MINUTE - 1;
    for (let fetch = 1; fetch <= 6; fetch++) {
      realm.answer = new Error('connect ECONNREFUSED');
      await expect(keys.find('forged')).rejects.toMatchObject(REALM_FAULT);
    }
    realm.now += 10 * SECOND;
    expect(await keys.find('k1')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(7);
  });

  it('that could not be refreshed is tried again after ten seconds, and not before', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = new Error('connect ECONNREFUSED');
    realm.now += 10 * MINUTE;
    await keys.find('k1');
    expect(realm.fetched).toHaveLength(2);
    realm.now += 10 * SECOND - 1;
    await keys.find('k1');
    expect(realm.fetched).toHaveLength(2);
    realm.now += 1;
    realm.answer = jwks('k2');
    expect(await keys.find('k1')).toBe('unknown');
    expect(realm.fetched).toHaveLength(3);
  });

  it('of 24 hours is fetched anew without a wait, though the last try has just failed', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.answer = new Error('connect ECONNREFUSED');
    realm.now += 24 * HOUR - 1;
    await keys.find('k1');
    realm.now += 1;
    realm.answer = jwks('k1');
    expect(await keys.find('k1')).toBe('unsuitable');
    expect(realm.fetched).toHaveLength(3);
  });

  it('that is refreshed is fresh for ten minutes more', async () => {
    const { realm, keys } = startRealm();
    await keys.prefetch();
    realm.now += 10 * MINUTE;
    await keys.find('k1');
    realm.now += 10 * MINUTE - 1;
    await keys.find('k1');
    expect(realm.fetched).toHaveLength(2);
  });
});

describe('a decision that has little time', () => {
  it('waits for the realm until its deadline and no longer, though the fetch goes on for others', async () => {
    vi.useFakeTimers();
    const never = new Promise<never>(() => {});
    const keys = createRealmKeys({ uri: URI, fetchJwks: () => never, readKept: async () => undefined, now: Date.now });
    const found = keys.find('k1', { deadline: Date.now() + 500, tableRequests: 0 });
    const refused = expect(found).rejects.toMatchObject({ reason: 'fault.deadline' });
    await vi.advanceTimersByTimeAsync(500);
    await refused;
    vi.useRealTimers();
  });
});

describe('the set kept in the table', () => {
  const NOW = 1_795_508_130_000;

  function start(kept: KeptKeySet | undefined, answer: () => Promise<unknown>) {
    let reads = 0;
    const keys = createRealmKeys({
      uri: URI,
      fetchJwks: answer,
      async readKept() {
        reads++;
        return kept;
      },
      now: () => NOW,
    });
    return { keys: withTrace(keys, () => NOW), reads: () => reads };
  }

  const down = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const keptFor = (milliseconds: number) => ({ jwks: jwks('k1'), fetchedAt: (NOW - milliseconds) / 1000 });

  it('serves when a cold start finds the realm out of reach', async () => {
    const { keys } = start(keptFor(HOUR), down);
    expect(await keys.find('k1')).toBe('unsuitable');
  });

  it('is not asked for while the realm answers', async () => {
    const { keys, reads } = start(keptFor(HOUR), async () => jwks('k2'));
    expect(await keys.find('k2')).toBe('unsuitable');
    expect(reads()).toBe(0);
  });

  it('serves until it is 24 hours old, by when it was fetched', async () => {
    const fresh = start(keptFor(24 * HOUR - SECOND), down);
    expect(await fresh.keys.find('k1')).toBe('unsuitable');
    const old = start(keptFor(24 * HOUR), down);
    await expect(old.keys.find('k1')).rejects.toMatchObject(REALM_FAULT);
  });

  it('never makes a token of an unknown key refused: that stays a fault', async () => {
    const { keys } = start(keptFor(HOUR), down);
    await expect(keys.find('k2')).rejects.toMatchObject(REALM_FAULT);
  });

  it('leaves the realm failure to tell of when there is none, or the table fails too', async () => {
    await expect(start(undefined, down).keys.find('k1')).rejects.toMatchObject(REALM_FAULT);
    const failing = createRealmKeys({ uri: URI, fetchJwks: down, readKept: down, now: () => NOW });
    await expect(withTrace(failing, () => NOW).find('k1')).rejects.toMatchObject(REALM_FAULT);
  });
});
