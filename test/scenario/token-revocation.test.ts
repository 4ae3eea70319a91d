import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type PrimaryKey, revokedRealmAt, revokedSessionAt, revokedUserAt } from '../../src/table/items.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { type Claims, sign } from '../support/realm.ts';

const start = useGatepass();

/** An authorizer that checks accounts, on a realm that no other test revokes anything of. */
function startChecked(env: Readonly<Record<string, string>> = {}) {
  const iss = `https://id.example.com/realms/${randomUUID()}`;
  const gatepass = start({ env: { GATEPASS_ACCOUNT_CHECK: 'all', GATEPASS_ISSUER: iss, ...env } });
  const claims = gatepass.realm.claims({ iss, sub: `user-${randomUUID()}` });
  const { sub, sid } = claims;
  const places = {
    user: revokedUserAt(String(sub)),
    session: revokedSessionAt(String(sub), String(sid)),
    realm: revokedRealmAt(iss),
  };
  return { gatepass, claims, places };
}

async function decide({ realm, answer }: Gatepass, claims: Claims) {
  return (await answer(`Bearer ${await sign(claims, realm.signing)}`)).log;
}

const PLACES = ['user', 'session', 'realm'] as const;

describe('a token', () => {
  it.each(PLACES)('is good again when it was issued the second after those of its %s were revoked', async (place) => {
    const { gatepass, claims, places } = startChecked();
    await gatepass.seed.put(places[place], { notBefore: gatepass.clock.seconds() - 1 });
    expect((await decide(gatepass, claims)).reason).toBe('token.valid');
    await gatepass.seed.put(places[place], { notBefore: gatepass.clock.seconds() });
    expect((await decide(gatepass, claims)).reason).toBe('token.revoked');
  });

  it.each(PLACES)('is refused by the latest moment, that of its %s', async (latest) => {
    const { gatepass, claims, places } = startChecked();
    const now = gatepass.clock.seconds();
    for (const place of PLACES) await gatepass.seed.put(places[place], { notBefore: place === latest ? now : now - 9 });
    expect((await decide(gatepass, claims)).reason).toBe('token.revoked');
  });

  it('is good when the tokens of another user, session or realm are revoked', async () => {
    const { gatepass, claims } = startChecked();
    const { sub, sid } = claims;
    const others: readonly PrimaryKey[] = [
      revokedUserAt('another-user'),
      revokedSessionAt(String(sub), 'another-session'),
      revokedSessionAt('another-user', String(sid)),
      revokedRealmAt('https://id.example.com/realms/another'),
    ];
    for (const place of others) await gatepass.seed.put(place, { notBefore: gatepass.clock.seconds() });
    expect((await decide(gatepass, claims)).reason).toBe('token.valid');
  });

  it('without a session is not taken for one of a session that ended', async () => {
    const { gatepass, claims } = startChecked();
    for (const sid of ['', 'undefined']) {
      await gatepass.seed.put(revokedSessionAt(String(claims['sub']), sid), { notBefore: gatepass.clock.seconds() });
    }
    expect((await decide(gatepass, { ...claims, sid: undefined })).reason).toBe('token.valid');
  });

  it('that does not say when it was issued is good while nothing is revoked', async () => {
    const { gatepass, claims } = startChecked();
    expect((await decide(gatepass, { ...claims, iat: undefined })).reason).toBe('token.valid');
  });

  it('of a disabled account is refused for the account, revoked or not', async () => {
    const { gatepass, claims } = startChecked();
    const sub = await gatepass.seed.user({ active: false });
    await gatepass.seed.put(revokedUserAt(sub), { notBefore: gatepass.clock.seconds() });
    expect((await decide(gatepass, { ...claims, sub })).reason).toBe('token.account_disabled');
  });

  it('costs one request with the check and none without, where what is revoked is not seen', async () => {
    for (const [check, reason, tableRequests] of [
      ['all', 'token.revoked', 1],
      ['keys', 'token.valid', 0],
    ] as const) {
      const { gatepass, claims, places } = startChecked({ GATEPASS_ACCOUNT_CHECK: check });
      for (const place of PLACES) {
        await gatepass.seed.put(places[place], { notBefore: gatepass.clock.seconds() });
      }
      expect(await decide(gatepass, claims)).toMatchObject({ reason, tableRequests });
      expect(gatepass.table.operations).toHaveLength(tableRequests);
    }
  });

  it.each(PLACES)('is not decided when what revokes its %s is not readable', async (place) => {
    const { gatepass, claims, places } = startChecked();
    await gatepass.seed.put(places[place], { notBefore: String(gatepass.clock.seconds()) });
    const { log } = await gatepass.fail(`Bearer ${await sign(claims, gatepass.realm.signing)}`);
    expect(log).toMatchObject({ outcome: 'fault', reason: 'fault.item' });
  });
});
