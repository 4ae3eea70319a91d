import { describe, expect, it } from 'vitest';
import { keySetAt } from '../../src/table/items.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { HOUR, MINUTE, SECOND } from '../support/moved-clock.ts';
import { ISSUER, makeKeyPair, type RealmKeyPair, sign } from '../support/realm.ts';

// What the realm's keys mean for a caller. How they are fetched and kept has its tests in test/unit/bearer.

const start = useGatepass();

const UNREACHABLE = new Error('unreachable');

describe("the realm's keys", () => {
  it('are fetched from the address that follows from the issuer, within two seconds', async () => {
    const gatepass = start();
    expect(await reasonOf(gatepass)).toBe('token.valid');
    expect(gatepass.realm.fetched).toEqual(['https://id.example.com/realms/main/protocol/openid-connect/certs']);
    expect(gatepass.realm.timeouts).toEqual([2 * SECOND]);
  });

  it('are fetched from the configured address, within the configured time', async () => {
    const uri = 'https://keycloak.internal/realms/main/protocol/openid-connect/certs';
    const gatepass = start({ env: { GATEPASS_JWKS_URI: uri, GATEPASS_JWKS_TIMEOUT_MS: '3500' } });
    await reasonOf(gatepass);
    expect(gatepass.realm.fetched).toEqual([uri]);
    expect(gatepass.realm.timeouts).toEqual([3500]);
  });

  it('let a token of a new key in at once, and those of the old one too', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    const next = rotate(gatepass);
    expect(await reasonOf(gatepass, next)).toBe('token.valid');
    expect(await reasonOf(gatepass)).toBe('token.valid');
    expect(gatepass.realm.fetched).toHaveLength(2);
  });

  it('refuse the token of a key that the realm withdrew, ten minutes later', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.publish(makeKeyPair(1).jwk);
    gatepass.clock.advance(10 * MINUTE);
    expect(await reasonOf(gatepass)).toBe('token.unknown_key');
  });

  it('let the token of a key that was enabled again in, though it is old', async () => {
    const gatepass = start();
    const token = await tokenOf(gatepass);
    gatepass.realm.publish(makeKeyPair(1).jwk);
    gatepass.clock.advance(HOUR);
    expect((await gatepass.answer(token)).log.reason).toBe('token.unknown_key');
    gatepass.realm.publish(gatepass.realm.signing.jwk);
    expect((await gatepass.answer(token)).log.reason).toBe('token.valid');
  });

  it('go on letting good tokens in while the realm can not be reached, for a day', async () => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.answer(UNREACHABLE);
    gatepass.clock.advance(24 * HOUR - 1);
    expect(await reasonOf(gatepass)).toBe('token.valid');
    gatepass.clock.advance(1);
    expect(await reasonOf(gatepass)).toBe('fault.realm_keys');
  });

  it.each([
    ['empty', () => []],
    ['of the encryption key alone', () => [makeKeyPair(2, { use: 'enc', alg: 'RSA-OAEP' }).jwk]],
    ['of a signing key that can not be used', () => [makeKeyPair(2, { n: 'AQAB' }).jwk]],
  ])('refuse no good token while the realm answers a set %s, for a quarter of an hour', async (_, published) => {
    const gatepass = start();
    await reasonOf(gatepass);
    gatepass.realm.publish(...published());
    expect(await reasonOf(gatepass, makeKeyPair(1))).toBe('fault.realm_keys');
    for (let minute = 0; minute < 15; minute++) {
      expect(await reasonOf(gatepass)).toBe('token.valid');
      gatepass.clock.advance(MINUTE);
    }
    expect(await reasonOf(gatepass)).toBe('fault.realm_keys');
  });

  it('that the sync has kept let tokens in when the function starts without the realm', async () => {
    const gatepass = start();
    const { realm, seed, clock } = gatepass;
    await seed.change(keySetAt(ISSUER), 'jwks', JSON.stringify({ keys: [realm.signing.jwk] }));
    await seed.change(keySetAt(ISSUER), 'fetchedAt', clock.seconds() - 3600);
    realm.answer(UNREACHABLE);
    const { log } = await gatepass.answer(await tokenOf(gatepass));
    expect(log).toMatchObject({ reason: 'token.valid', tableRequests: 1 });
    await seed.remove(keySetAt(ISSUER));
  });
});

describe("a flood of forged tokens with unknown keys, and the realm's keys", () => {
  async function flood(): Promise<Gatepass> {
    const gatepass = start();
    await reasonOf(gatepass);
    const forged = makeKeyPair(1);
    for (let token = 0; token < 3; token++) expect(await reasonOf(gatepass, forged)).toBe('token.unknown_key');
    expect(await reasonOf(gatepass, forged)).toBe('fault.realm_keys_limited');
    return gatepass;
  }

  it('keep no token of a known key out', async () => {
    const gatepass = await flood();
    expect(await reasonOf(gatepass)).toBe('token.valid');
  });

  it('keep a token of a fresh key waiting for ten seconds, and never refuse it into the cache', async () => {
    const gatepass = await flood();
    const next = rotate(gatepass, 2);
    expect(await reasonOf(gatepass, next)).toBe('fault.realm_keys_limited');
    gatepass.clock.advance(10 * SECOND);
    expect(await reasonOf(gatepass, next)).toBe('token.valid');
  });

  it('refuse the token of a withdrawn key all the same, if it is older than the last fetch by two minutes', async () => {
    const gatepass = await flood();
    const iat = gatepass.clock.seconds() - 120;
    const token = await sign(gatepass.realm.claims({ iat }), makeKeyPair(2));
    expect((await gatepass.answer(`Bearer ${token}`)).log.reason).toBe('token.unknown_key');
  });
});

it("an expired token of a withdrawn key is refused as expired while the realm's keys can not be told", async () => {
  const gatepass = start();
  gatepass.realm.answer(UNREACHABLE);
  const token = await sign(gatepass.realm.claims({ exp: gatepass.clock.seconds() - 30 }), makeKeyPair(1));
  expect((await gatepass.answer(`Bearer ${token}`)).log.reason).toBe('token.expired');
});

async function tokenOf({ realm }: Gatepass, pair: RealmKeyPair = realm.signing): Promise<string> {
  // Good for longer than any age in question.
  const claims = realm.claims({ exp: Number(realm.claims()['exp']) + (48 * HOUR) / SECOND });
  return `Bearer ${await sign(claims, pair)}`;
}

/** Of the decision, or of the fault. */
async function reasonOf(gatepass: Gatepass, pair?: RealmKeyPair): Promise<unknown> {
  const authorization = await tokenOf(gatepass, pair);
  await gatepass.answer(authorization).catch(() => undefined);
  return JSON.parse(gatepass.lines.at(-1) ?? '{}').reason;
}

/** The realm signs with a new key from now on, and publishes the old one beside it. */
function rotate({ realm }: Gatepass, index = 1): RealmKeyPair {
  const next = makeKeyPair(index);
  realm.publish(next.jwk, realm.signing.jwk);
  return next;
}
