import { describe, expect, it } from 'vitest';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { HOUR, MINUTE, SECOND } from '../support/moved-clock.ts';
import { makeKeyPair, type RealmKeyPair, sign } from '../support/realm.ts';

const start = useGatepass();

const FETCHES_A_MINUTE = 6;

describe("the realm's keys: fetching", () => {
  it('fetches from the address that follows from the issuer, once for any number of tokens', async () => {
    const gatepass = start();
    for (let i = 0; i < 5; i++) expect(await reasonOf(gatepass)).toBe('token.valid');
    expect(gatepass.realm.fetched).toEqual(['https://id.example.com/realms/main/protocol/openid-connect/certs']);
  });

  it('fetches from the configured address instead', async () => {
    const uri = 'https://keycloak.internal/realms/main/protocol/openid-connect/certs';
    const gatepass = start({ env: { GATEPASS_JWKS_URI: uri } });
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toEqual([uri]);
  });

  it('makes one fetch for all tokens that arrive at a cold start together', async () => {
    const gatepass = start();
    const reasons = await Promise.all(Array.from({ length: 10 }, () => reasonOf(gatepass)));
    expect(new Set(reasons)).toEqual(new Set(['token.valid']));
    expect(gatepass.realm.fetched).toHaveLength(1);
  });

  it('lets the first token join the fetch that began with the function', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    const prefetched = gatepass.realmKeys.prefetch();
    const answered = reasonOf(gatepass);
    await turn();
    gate.release();
    await prefetched;
    expect(await answered).toBe('token.valid');
    expect(gatepass.realm.fetched).toHaveLength(1);
  });

  it('survives a start at which the realm can not be reached', async () => {
    const gatepass = start();
    gatepass.realm.answer(new Error('unreachable'));
    await expect(gatepass.realmKeys.prefetch()).resolves.toBeUndefined();
    gatepass.realm.publish(gatepass.realm.signing.jwk);
    expect(await reasonOf(gatepass)).toBe('token.valid');
  });
});

describe("the realm's keys: rotation", () => {
  it('accepts a token of a new key at once', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    const next = rotate(gatepass);
    expect(await reasonOf(gatepass, next)).toBe('token.valid');
    expect(await reasonOf(gatepass)).toBe('token.valid');
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('refuses an unknown kid only after a fetch that began after the token arrived', async () => {
    const gatepass = start();
    const next = makeKeyPair(1);
    const gate = gatepass.realm.hold();
    const tokens = [await tokenOf(gatepass), await tokenOf(gatepass, next)] as const;
    const older = reasonFor(gatepass, tokens[0]); // begins a fetch of the old set
    await turn();
    gatepass.realm.publish(gatepass.realm.signing.jwk, next.jwk);
    const newer = reasonFor(gatepass, tokens[1], next); // arrives while that fetch is under way
    await turn();
    gate.release();
    expect(await older).toBe('token.valid');
    expect(await newer).toBe('token.valid');
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('does not wait for a second fetch when the one under way brings the key', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    const token = await tokenOf(gatepass);
    const both = [reasonFor(gatepass, token), reasonFor(gatepass, token)];
    await turn();
    gate.release();
    expect(await Promise.all(both)).toEqual(['token.valid', 'token.valid']);
    expect(gatepass.realm.fetched).toHaveLength(1);
  });

  it('tries anew, for a token that arrived during a fetch which failed, and what it finds serves all that wait', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    gatepass.realm.answer(new Error('unreachable'));
    const token = await tokenOf(gatepass);
    // Its own fetch fails; while it looks for a set in the table, the second token's fetch succeeds.
    const first = reasonFor(gatepass, token);
    await turn();
    gatepass.realm.publish(gatepass.realm.signing.jwk);
    const second = reasonFor(gatepass, token);
    await turn();
    gate.release();
    expect(await second).toBe('token.valid');
    expect(await first).toBe('token.valid');
  });

  it('does not outlast the deadline of a decision that waits for a fetch begun before it', async () => {
    const gatepass = start();
    gatepass.realm.hold();
    const token = await tokenOf(gatepass);
    void gatepass.realmKeys.prefetch();
    await turn();
    const fault = await gatepass.fail(token, gatepass.clock.now());
    expect(fault.fault.reason).toBe('fault.deadline');
  });

  it('does not try twice for tokens whose own fetch failed', async () => {
    const gatepass = start();
    gatepass.realm.answer(new Error('unreachable'));
    const token = await tokenOf(gatepass);
    const failures = await Promise.all([gatepass.fail(token), gatepass.fail(token)]);
    expect(failures.map(({ fault }) => fault.reason)).toEqual(['fault.realm_keys', 'fault.realm_keys']);
    expect(gatepass.realm.fetched).toHaveLength(1);
  });

  it('refuses a kid that a fresh fetch lacks, and fetches again for the next one', async () => {
    const gatepass = start();
    expect(await reasonOf(gatepass, makeKeyPair(1))).toBe('token.unknown_key');
    expect(gatepass.realm.fetched).toHaveLength(1);
    expect(await reasonOf(gatepass, makeKeyPair(1))).toBe('token.unknown_key');
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('shares one fetch among all tokens with unknown keys that arrived before it began', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    const forged = makeKeyPair(1);
    const [token, forgedToken] = [await tokenOf(gatepass), await tokenOf(gatepass, forged)];
    const known = reasonFor(gatepass, token);
    await turn();
    const unknown = Array.from({ length: 20 }, () => reasonFor(gatepass, forgedToken, forged));
    await turn();
    gate.release();
    expect(await known).toBe('token.valid');
    expect(new Set(await Promise.all(unknown))).toEqual(new Set(['token.unknown_key']));
    expect(gatepass.realm.fetched).toHaveLength(2);
  });
});

describe("the realm's keys: age", () => {
  it('stops trusting a key that the realm withdrew from 10 minutes on, and not before', async () => {
    const gatepass = start();
    const next = makeKeyPair(1);
    await reasonOf(gatepass);
    gatepass.realm.publish(next.jwk);
    gatepass.clock.advance(10 * MINUTE - 1);
    expect(await reasonOf(gatepass)).toBe('token.valid');
    expect(gatepass.realm.fetched).toHaveLength(1);
    gatepass.clock.advance(1);
    expect(await reasonOf(gatepass)).toBe('token.unknown_key');
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('stops trusting a withdrawn key sooner when a token with an unknown kid has it fetched', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    const next = makeKeyPair(1);
    gatepass.realm.publish(next.jwk);
    expect(await reasonOf(gatepass, next)).toBe('token.valid');
    expect(await reasonOf(gatepass)).toBe('token.unknown_key');
  });

  it('counts the age from when the fetch began, not from when it ended', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    const answered = reasonFor(gatepass, await tokenOf(gatepass));
    await turn();
    gatepass.clock.advance(SECOND);
    gate.release();
    await answered;
    gatepass.clock.advance(10 * MINUTE - SECOND);
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('counts the hours that a Lambda slept', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.publish(makeKeyPair(1).jwk);
    gatepass.clock.advance(9 * HOUR);
    expect(await reasonOf(gatepass)).toBe('token.unknown_key');
  });

  it('serves on for up to 24 hours while the realm can not be reached, and not a millisecond more', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer(new Error('unreachable'));
    gatepass.clock.advance(24 * HOUR - 1);
    expect(await reasonOf(gatepass)).toBe('token.valid');
    gatepass.clock.advance(1);
    expect(await faultOf(gatepass)).toBe('fault.realm_keys');
  });

  it('never goes back to a set that was too old, even when the clock does', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer(new Error('unreachable'));
    gatepass.clock.advance(24 * HOUR);
    await faultOf(gatepass);
    gatepass.clock.advance(-HOUR);
    expect(await faultOf(gatepass)).toBe('fault.realm_keys');
  });

  it('tries an unreachable realm again after 10 s, and not before, while the set in hand serves', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer(new Error('unreachable'));
    gatepass.clock.advance(10 * MINUTE);
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toHaveLength(2);
    gatepass.clock.advance(10 * SECOND - 1);
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toHaveLength(2);
    gatepass.clock.advance(1);
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toHaveLength(3);
  });

  it('trusts the fresh set again once the realm is back', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer(new Error('unreachable'));
    gatepass.clock.advance(10 * MINUTE);
    expect(await reasonOf(gatepass)).toBe('token.valid');
    gatepass.realm.publish(makeKeyPair(1).jwk);
    gatepass.clock.advance(10 * SECOND);
    expect(await reasonOf(gatepass)).toBe('token.unknown_key');
  });
});

describe("the realm's keys: what can't be told is a fault", () => {
  it('no set at all', async () => {
    const gatepass = start();
    gatepass.realm.answer(new Error('unreachable'));
    expect(await faultOf(gatepass)).toBe('fault.realm_keys');
    gatepass.realm.publish(gatepass.realm.signing.jwk);
    expect(await reasonOf(gatepass)).toBe('token.valid');
  });

  it('an unknown kid while the realm can not be reached, though the known ones serve on', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    const next = rotate(gatepass);
    gatepass.realm.answer(new Error('unreachable'));
    expect(await faultOf(gatepass, next)).toBe('fault.realm_keys');
    expect(await reasonOf(gatepass)).toBe('token.valid');
  });

  it.each([
    ['no object', 'keys'],
    ['an array', []],
    ['null', null],
    ['an object without keys', {}],
    ['keys that are no array', { keys: {} }],
  ])('an answer that is no key set: %s', async (_, document) => {
    const gatepass = start();
    gatepass.realm.answer(document);
    expect(await faultOf(gatepass)).toBe('fault.realm_keys');
  });

  it('an answer that is no key set leaves the set in hand', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer({ error: 'realm not found' });
    gatepass.clock.advance(10 * MINUTE);
    expect(await reasonOf(gatepass)).toBe('token.valid');
  });

  it('an unknown kid once the fetches of a minute are used up, until the minute is over', async () => {
    const gatepass = start();
    const forged = makeKeyPair(1);
    for (let i = 0; i < FETCHES_A_MINUTE; i++) expect(await reasonOf(gatepass, forged)).toBe('token.unknown_key');
    expect(await faultOf(gatepass, forged)).toBe('fault.realm_keys');
    expect(await reasonOf(gatepass)).toBe('token.valid');
    gatepass.clock.advance(MINUTE - 1);
    expect(await faultOf(gatepass, forged)).toBe('fault.realm_keys');
    gatepass.clock.advance(1);
    expect(await reasonOf(gatepass, forged)).toBe('token.unknown_key');
    expect(gatepass.realm.fetched).toHaveLength(FETCHES_A_MINUTE + 1);
  });

  it('the budget slides: each fetch is given back a minute after it began', async () => {
    const gatepass = start();
    const forged = makeKeyPair(1);
    for (let i = 0; i < FETCHES_A_MINUTE; i++) {
      await reasonOf(gatepass, forged);
      gatepass.clock.advance(SECOND);
    }
    gatepass.clock.advance(MINUTE - FETCHES_A_MINUTE * SECOND);
    expect(await reasonOf(gatepass, forged)).toBe('token.unknown_key');
    expect(await faultOf(gatepass, forged)).toBe('fault.realm_keys');
  });

  it('failed fetches use up the budget too, so that a dead realm is not stormed', async () => {
    const gatepass = start();
    gatepass.realm.answer(new Error('unreachable'));
    for (let i = 0; i < 20; i++) expect(await faultOf(gatepass)).toBe('fault.realm_keys');
    expect(gatepass.realm.fetched).toHaveLength(FETCHES_A_MINUTE);
  });

  it('a fresh signing key is never refused into the cache while forged tokens use up the budget', async () => {
    const gatepass = start();
    const forged = makeKeyPair(1);
    for (let i = 0; i < FETCHES_A_MINUTE; i++) await reasonOf(gatepass, forged);
    const next = rotate(gatepass, 2);
    expect(await faultOf(gatepass, next)).toBe('fault.realm_keys');
    gatepass.clock.advance(MINUTE);
    expect(await reasonOf(gatepass, next)).toBe('token.valid');
  });
});

async function tokenOf({ realm }: Gatepass, pair: RealmKeyPair = realm.signing): Promise<string> {
  // Good for longer than any age in question.
  const claims = realm.claims({ exp: Number(realm.claims()['exp']) + (48 * HOUR) / SECOND });
  return `Bearer ${await sign(claims, pair)}`;
}

async function reasonOf(gatepass: Gatepass, pair?: RealmKeyPair): Promise<string> {
  return reasonFor(gatepass, await tokenOf(gatepass, pair), pair);
}

async function reasonFor(gatepass: Gatepass, token: string, pair = gatepass.realm.signing): Promise<string> {
  await gatepass.answer(token);
  // Several answers at once share one log, so the reason is taken from the line of this key.
  const lines = gatepass.lines.map((text) => JSON.parse(text));
  return String(lines.findLast(({ kid }) => kid === pair.kid)?.reason);
}

async function faultOf(gatepass: Gatepass, pair?: RealmKeyPair): Promise<string> {
  return (await gatepass.fail(await tokenOf(gatepass, pair))).fault.reason;
}

/** The realm signs with a new key from now on, and publishes the old one beside it. */
function rotate({ realm }: Gatepass, index = 1): RealmKeyPair {
  const next = makeKeyPair(index);
  realm.publish(next.jwk, realm.signing.jwk);
  return next;
}

/** Lets everything go on until it waits for the realm. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
