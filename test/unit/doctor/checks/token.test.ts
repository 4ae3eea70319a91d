import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/config.ts';
import { DENIALS } from '../../../../src/decision.ts';
import type { Finding } from '../../../../src/doctor/check.ts';
import { tokenChecks } from '../../../../src/doctor/checks/token.ts';
import { readToken } from '../../../../src/doctor/credential-facts.ts';
import type { Asked } from '../../../../src/doctor/realm-facts.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { accountAt, revokedUserAt } from '../../../../src/table/items.ts';
import { createMovedClock } from '../../../support/moved-clock.ts';
import { AUDIENCE, CLIENT, type Claims, createRealm, ISSUER, makeKeyPair, sign } from '../../../support/realm.ts';
import { answerOf, NO_ANSWER, realmOf, TIMEOUT_MS } from '../answers.ts';
import { fakeTable } from '../fake-table.ts';

const clock = createMovedClock();
const realm = createRealm(clock);
const stranger = makeKeyPair(1);
const encryption = makeKeyPair(2, { use: 'enc' });
const PUBLISHED = answerOf({ keys: [realm.signing.jwk, encryption.jwk] });
const VALUES = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: AUDIENCE,
  GATEPASS_CLIENTS: CLIENT,
};

interface Around {
  readonly jwks?: Asked;
  readonly values?: Readonly<Record<string, string>>;
  readonly table?: ReturnType<typeof fakeTable>['table'] | undefined;
}

/** What every check finds, by its name. */
async function examine(
  token: string,
  { jwks = PUBLISHED, values = {}, table }: Around = {},
): Promise<Readonly<Record<string, Finding>>> {
  const config = parseConfig({ ...VALUES, ...values });
  const facts = await readToken(token, realmOf({ jwks }), { config, table, now: clock.now });
  return Object.fromEntries(await Promise.all(tokenChecks.map(async ({ name, run }) => [name, await run(facts)])));
}

/** Of one check, which must be there. */
async function findingOn(token: string | Promise<string>, name: string, around?: Around): Promise<Finding> {
  const finding = (await examine(await token, around))[name];
  if (finding === undefined) throw new Error(`There is no check ${name}.`);
  return finding;
}

/** The checks that are a problem, but for the decision. */
async function problemsOf(token: string): Promise<readonly string[]> {
  const findings = Object.entries(await examine(token));
  return findings.filter(([id, { severity }]) => id !== 'token.decision' && severity === 'problem').map(([id]) => id);
}

function hmac(alg: string, change: Claims): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg, kid: 'hmac' })}.${part(realm.claims(change))}.c2lnbmF0dXJl`;
}

const now = clock.seconds();

/** A token for each reason to refuse one, and the check that must point at it. */
const BAD_TOKENS: readonly (readonly [string, () => Promise<string> | string, readonly string[]])[] = [
  ['token.malformed', () => 'not-a-token', ['token.shape']],
  ['token.too_large', () => realm.tokenOfLength(8193), ['token.shape']],
  ['token.algorithm', () => hmac('HS512', {}), ['token.alg']],
  ['token.critical', () => realm.token({}, { crit: ['b64'], b64: true }), ['token.alg']],
  ['token.issuer', () => realm.token({ iss: `${ISSUER}/` }), ['token.iss']],
  ['token.issuer', () => realm.token({ iss: undefined }), ['token.iss']],
  ['token.key_id', () => realm.token({}, { kid: undefined }), ['token.kid']],
  ['token.unknown_key', () => realm.token({}, { kid: 'other' }), ['token.kid']],
  ['token.unsuitable_key', () => realm.token({}, { kid: encryption.kid }), ['token.kid']],
  ['token.signature', () => sign(realm.claims(), { ...stranger, kid: realm.signing.kid }), ['token.signature']],
  ['token.expiry_missing', () => realm.token({ exp: undefined }), ['token.times']],
  ['token.expired', () => realm.token({ exp: now - 30, iat: now - 330 }), ['token.times']],
  ['token.not_yet_valid', () => realm.token({ nbf: now + 31 }), ['token.times']],
  ['token.issued_in_future', () => realm.token({ iat: now + 31 }), ['token.times']],
  ['token.type', () => realm.token({ typ: 'ID' }), ['token.typ']],
  ['token.subject', () => realm.token({ sub: undefined }), ['token.sub']],
  ['token.audience', () => realm.token({ aud: undefined }), ['token.aud']],
  ['token.client', () => realm.token({ azp: 'other' }), ['token.azp']],
  ['token.sender_constrained', () => realm.token({ cnf: { jkt: 'x' } }), ['token.cnf']],
];

describe('a token', () => {
  it('that is good is good in everything', async () => {
    for (const finding of Object.values(await examine(await realm.token()))) expect(finding.severity).toBe('ok');
  });

  it.each(BAD_TOKENS)('that is refused for %s has the decision of the authorizer', async (reason, make) => {
    expect(await findingOn(make(), 'token.decision')).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining(`401 (${reason})`),
    });
  });

  it.each(BAD_TOKENS)('that is refused for %s has that one thing pointed at', async (_, make, ids) => {
    expect(await problemsOf(await make())).toEqual(ids);
  });

  it('is examined for every reason that the authorizer has to refuse one', () => {
    const byTable = /^token\.(account_|revoked$)/;
    const reasons = Object.keys(DENIALS).filter((id) => id.startsWith('token.') && !byTable.test(id));
    expect([...new Set(BAD_TOKENS.map(([reason]) => reason))].sort()).toEqual(reasons.sort());
  });

  it('that is wrong in several things has all of them pointed at', async () => {
    const token = await realm.token({ iss: 'https://x', aud: 'account', azp: 'other', sub: undefined });
    expect(await problemsOf(token)).toEqual(['token.iss', 'token.sub', 'token.aud', 'token.azp']);
  });

  it('that is forged and expired is not said to be signed by the realm', async () => {
    const forged = await sign(realm.claims({ exp: now - 30, iat: now - 330 }), { ...stranger, kid: realm.signing.kid });
    expect(await problemsOf(forged)).toEqual(['token.signature', 'token.times']);
  });

  it.each(BAD_TOKENS)(
    'that is refused for %s is not shown, nor its signature or claims as they came',
    async (_, make) => {
      const token = await make();
      const shown = JSON.stringify(await examine(token));
      for (const part of [token, ...token.split('.')]) expect(shown).not.toContain(part);
    },
  );
});

describe('what is no token', () => {
  const key = createApiKey(
    { prefix: 'gp', environment: 'live', keyId: createKeyId('user-42', (size) => Buffer.alloc(size, 7)) },
    (size) => Buffer.alloc(size, 7),
  );

  it.each([
    ['an API key', key, 'looks like an API key'],
    ['an encrypted token', 'e30.e30.e30.e30.e30', 'encrypted'],
    ['two parts', 'e30.e30', '2 parts'],
    ['a line break', 'e30.e30.\ne30', 'line breaks'],
    ['no signature', 'e30.e30.', 'no signature'],
    ['too large a token', `e30.e30.${'x'.repeat(9000)}`, 'takes 8192'],
    ['padding', 'e30=.e30.e30', 'unpadded base64url'],
  ])('is said to be %s', async (_, text, found) => {
    const shape = await findingOn(text, 'token.shape');
    expect(shape.found).toContain(found);
    expect(shape.found).not.toContain(text);
  });
});

describe('what to do about a token', () => {
  it('names the audience mapper of its client', async () => {
    const { found, remedy } = await findingOn(realm.token({ aud: 'account' }), 'token.aud');
    expect(found).toContain("Keycloak's own");
    expect(remedy).toContain(`Clients > ${CLIENT} > Client scopes > ${CLIENT}-dedicated > Add mapper`);
    expect(remedy).toContain(`Included Client Audience ${AUDIENCE}`);
  });

  it('does not send anyone to a mapper for the audience of an ID token', async () => {
    expect((await findingOn(realm.token({ aud: CLIENT, typ: 'ID' }), 'token.aud')).remedy).toContain('token.typ');
  });

  it('names the scope basic for a missing sub', async () => {
    expect((await findingOn(realm.token({ sub: undefined }), 'token.sub')).remedy).toContain('basic, as Default');
  });

  it('knows a lightweight token, and names its setting', async () => {
    const token = realm.token({ sub: undefined, aud: undefined, jti: 'onltro:1' });
    const { found, remedy } = await findingOn(token, 'token.sub');
    expect(found).toContain('lightweight');
    expect(remedy).toBe(`Clients > ${CLIENT} > Advanced > Always use lightweight access token: off.`);
    expect((await findingOn(token, 'token.aud')).remedy).toMatch(/lightweight.*Add mapper/);
  });

  it('names the setting of the algorithm, and knows a refresh token', async () => {
    expect((await findingOn(hmac('ES256', {}), 'token.alg')).remedy).toContain(
      'Access token signature algorithm: RS256',
    );
    expect((await findingOn(hmac('HS512', { typ: 'Refresh' }), 'token.alg')).found).toContain('refresh token');
  });

  it('names the setting of the host name for another issuer', async () => {
    const { remedy } = await findingOn(realm.token({ iss: 'http://keycloak:8080/realms/main' }), 'token.iss');
    expect(remedy).toContain('--hostname=https://id.example.com');
  });

  it('tells the two ways of binding a token apart', async () => {
    expect((await findingOn(realm.token({ cnf: { jkt: 'x' } }), 'token.cnf')).remedy).toContain('DPoP');
    expect((await findingOn(realm.token({ cnf: { 'x5t#S256': 'x' } }), 'token.cnf')).remedy).toContain('Mutual TLS');
  });
});

describe('the times of a token', () => {
  const times = (claims: Claims) => findingOn(realm.token(claims), 'token.times');

  it('are told in words', async () => {
    expect((await times({ exp: now + 3725, iat: now - 55 })).found).toContain('another 1 h 2 min (of 1 h 3 min)');
    expect((await times({ exp: now - 90, iat: now - 390 })).found).toContain('ended 1 min ago');
  });

  it('are worth a warning when they are ahead, before the token is refused for that', async () => {
    expect((await times({ iat: now + 5 })).severity).toBe('ok');
    expect((await times({ iat: now + 6 })).severity).toBe('warning');
  });

  it.each([
    ['iat', 6],
    ['iat', 31],
    ['nbf', 31],
  ])('leave it open whose clock is wrong, when %s is %d s ahead', async (claim, seconds) => {
    const { found, remedy } = await times({ [claim]: now + seconds });
    expect(found).toContain("the realm's clock is ahead, or this machine's is behind");
    expect(remedy).toContain('here and there');
  });

  it.each([
    [{ iat: '1700000000' }, 'Its iat is "1700000000"; it must be a number.'],
    [{ exp: '1700000000' }, 'Its exp is "1700000000"; it must be a number.'],
    [{ nbf: [1] }, 'Its nbf is [1]; it must be a number.'],
  ])('are named when one is no number: %j', async (claims, found) => {
    expect(await times(claims)).toMatchObject({ severity: 'problem', found });
  });
});

describe('a token that has a claim of another form', () => {
  it.each([
    [{ iat: '1700000000' }, 'Its iat is "1700000000"; it must be a number.'],
    [{ scope: ['openid'] }, 'Its scope is ["openid"]; it must be a text.'],
    [{ aud: [AUDIENCE, 7] }, `Its aud is ["${AUDIENCE}",7]; it must be a text or a list of texts.`],
    [{ sub: 7, jti: 8 }, 'Its sub is 7; it must be a text.\nIts jti is 8; it must be a text.'],
  ])('is told so of %j, and not that its parts are not JSON', async (claims, found) => {
    const token = await realm.token(claims);
    const findings = await examine(token);
    expect(findings['token.decision']?.severity).toBe('problem');
    expect(findings['token.shape']).toMatchObject({ severity: 'problem', found });
  });
});

describe('a token of more than 8,192 characters', () => {
  const roles = Array.from({ length: 240 }, (_, index) => `orders-department-role-${index}`);

  it('is told its size, and how to leave roles out', async () => {
    const token = await realm.token({ realm_access: { roles } });
    const { found, remedy } = await findingOn(token, 'token.shape');
    expect(found).toBe(`It has ${token.length} characters; the authorizer takes 8192.`);
    expect(remedy).toMatch(
      new RegExp(`^It carries 240 realm roles\\. .*${CLIENT}-dedicated > Scope > Full scope allowed`),
    );
  });

  it('has its claims told all the same', async () => {
    const token = await realm.token({ realm_access: { roles }, aud: 'other' });
    expect(await problemsOf(token)).toEqual(['token.shape', 'token.aud']);
  });
});

describe("a token of Keycloak's for DPoP", () => {
  it('is told once to be bound to a key, with the setting', async () => {
    const token = await realm.token({ typ: 'DPoP', cnf: { jkt: 'x' } });
    expect(await problemsOf(token)).toEqual(['token.typ']);
    expect((await findingOn(token, 'token.typ')).remedy).toContain('Require DPoP bound tokens: off');
  });
});

describe('a token whose keys are out of reach', () => {
  it('is not decided, and it is said why, but its claims are told', async () => {
    const findings = await examine(await realm.token(), { jwks: NO_ANSWER });
    expect(findings['token.decision']).toMatchObject({
      severity: 'problem',
      found: expect.stringMatching(/503 \(fault\.realm_keys\).*nothing listens/),
      remedy: 'Start it.',
    });
    expect(findings['token.signature']?.severity).toBe('skipped');
    expect(findings['token.aud']?.severity).toBe('ok');
  });

  it('is refused all the same for a claim that no key makes good', async () => {
    const findings = await examine(await realm.token({ aud: 'other' }), { jwks: NO_ANSWER });
    expect(findings['token.decision']?.found).toContain('401 (token.audience)');
    expect(findings['token.signature']?.severity).toBe('skipped');
    expect(findings['token.aud']?.severity).toBe('problem');
  });

  it.each([
    ['takes longer than the authorizer waits', { ...PUBLISHED, answeredAt: PUBLISHED.sentAt + TIMEOUT_MS }],
    ['has no key for tokens', answerOf({ keys: [encryption.jwk] })],
  ])('is not decided either where the answer %s', async (_, jwks) => {
    expect((await findingOn(realm.token(), 'token.decision', { jwks })).found).toContain('503 (fault.realm_keys)');
  });
});

describe('a token whose account is checked', () => {
  const values = { GATEPASS_ACCOUNT_CHECK: 'all' };

  it('is decided by the account in the table', async () => {
    const { pk, sk } = accountAt('user-42');
    const item = { pk: { S: pk }, sk: { S: sk }, userId: { S: 'user-42' }, active: { BOOL: false } };
    const { table } = fakeTable({ BatchGetItem: { Responses: { gatepass: [item] } } });
    const findings = await examine(await realm.token(), { values, table });
    expect(findings['token.decision']).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('token.account_disabled'),
      remedy: expect.stringContaining('account'),
    });
    expect(findings['token.signature']?.severity).toBe('ok');
  });

  it('is decided by what revokes it', async () => {
    const { pk, sk } = revokedUserAt('user-42');
    const item = { pk: { S: pk }, sk: { S: sk }, notBefore: { N: String(realm.claims()['iat']) } };
    const { table } = fakeTable({ BatchGetItem: { Responses: { gatepass: [item] } } });
    expect(await findingOn(realm.token(), 'token.decision', { values, table })).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('token.revoked'),
      remedy: expect.stringContaining('get a new one'),
    });
  });

  it('is not decided when the table can not be asked, and it is said why', async () => {
    const { table } = fakeTable({ BatchGetItem: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    const { found } = await findingOn(realm.token(), 'token.decision', { values, table });
    expect(found).toMatch(/503 \(fault\.table\).*nothing listens/);
  });

  it('is not said to be let through for sure without a table', async () => {
    expect((await findingOn(realm.token(), 'token.decision', { values })).found).toContain('not looked up');
  });
});
