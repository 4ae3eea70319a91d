import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fetch } from '../../../src/doctor/ask.ts';
import { type CheckId, QUESTIONS } from '../../../src/doctor/check.ts';
import { type DoctorParts, examine, TOTAL_MS } from '../../../src/doctor/doctor.ts';
import { createMovedClock } from '../../support/moved-clock.ts';
import { AUDIENCE, CLIENT, createRealm, ISSUER, makeKeyPair } from '../../support/realm.ts';
import { fakeTable } from './fake-table.ts';

const clock = createMovedClock();
const realm = createRealm(clock);
const CERTS = `${ISSUER}/protocol/openid-connect/certs`;
const VALUES = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: AUDIENCE,
  GATEPASS_CLIENTS: CLIENT,
};

const DOCUMENTS: Readonly<Record<string, unknown>> = {
  [`${ISSUER}/.well-known/openid-configuration`]: {
    issuer: ISSUER,
    jwks_uri: CERTS,
    id_token_signing_alg_values_supported: ['RS256'],
  },
  [CERTS]: { keys: [realm.signing.jwk] },
};

function serve(documents: Readonly<Record<string, unknown>>, headers = {}): Fetch {
  return async (url) =>
    url in documents ? Response.json(documents[url], { headers }) : new Response('{}', { status: 404 });
}

const date = new Date(clock.now()).toUTCString();

async function run(change: Partial<DoctorParts> = {}) {
  const token = await realm.token();
  const { table } = fakeTable({}, date);
  const parts = { values: VALUES, table, token, fetch: serve(DOCUMENTS, { date }), now: clock.now };
  const findings = await examine({ ...parts, ...change });
  const of = (id: CheckId) => findings.find((finding) => finding.id === id);
  const severities = new Set(findings.map(({ severity }) => severity));
  return { findings, of, severities };
}

describe('an examination', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('finds everything well when everything is', async () => {
    const { findings } = await run();
    for (const finding of findings) expect(finding).toMatchObject({ severity: 'ok' });
  });

  it('answers every question, in the order of the list', async () => {
    const { findings } = await run({ table: undefined, token: undefined, values: {} });
    expect(findings.map(({ id, question }) => [id, question])).toEqual(Object.entries(QUESTIONS));
  });

  it('skips what it was not given, and says which option gives it', async () => {
    const { of } = await run({ table: undefined, token: undefined, values: {} });
    expect(of('table.exists')).toMatchObject({ severity: 'skipped', found: expect.stringContaining('--table') });
    expect(of('realm.discovery')).toMatchObject({ severity: 'skipped', found: expect.stringContaining('--issuer') });
    expect(of('token.decision')).toMatchObject({
      severity: 'skipped',
      found: expect.stringContaining('--token-stdin'),
    });
    expect(of('clock.realm')?.severity).toBe('skipped');
    expect(of('clock.table')?.severity).toBe('skipped');
  });

  it('asks the realm even when the values are not valid, since that may be what is wrong with them', async () => {
    const { of } = await run({ values: { ...VALUES, GATEPASS_ISSUER: `${ISSUER}/` } });
    expect(of('configuration.values')?.severity).toBe('problem');
    expect(of('realm.discovery')).toMatchObject({ severity: 'problem', found: expect.stringContaining('slash') });
    expect(of('realm.jwks_uri')?.severity).toBe('ok');
    expect(of('token.decision')?.severity).toBe('skipped');
  });

  it('fetches the keys from the configured address, and lets that differ from what the realm names', async () => {
    const inside = 'https://keycloak.internal/certs';
    const values = { ...VALUES, GATEPASS_JWKS_URI: inside };
    const { severities } = await run({ values, fetch: serve({ ...DOCUMENTS, [inside]: DOCUMENTS[CERTS] }, { date }) });
    expect([...severities]).toEqual(['ok']);
  });

  it('only warns of an issuer out of reach when the keys have an address of their own', async () => {
    const inside = 'https://keycloak.internal/certs';
    const fetch = serve({ [inside]: DOCUMENTS[CERTS] });
    const { of } = await run({ values: { ...VALUES, GATEPASS_JWKS_URI: inside }, fetch });
    expect([of('realm.discovery')?.severity, of('token.decision')?.severity]).toEqual(['warning', 'ok']);
    expect((await run({ fetch })).of('realm.discovery')?.severity).toBe('problem');
  });

  it('finds a configured address of another realm', async () => {
    const inside = 'https://keycloak.internal/certs';
    const others = { keys: [makeKeyPair(1).jwk] };
    const { of } = await run({
      values: { ...VALUES, GATEPASS_JWKS_URI: inside },
      fetch: serve({ ...DOCUMENTS, [inside]: others }),
    });
    expect(of('realm.jwks_uri')).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('none of the keys'),
    });
    expect(of('token.decision')?.found).toContain('token.unknown_key');
  });

  it('warns when the realm names another address than the default one', async () => {
    const discovery = { issuer: ISSUER, jwks_uri: 'https://other.example.com/certs' };
    const documents = { ...DOCUMENTS, [`${ISSUER}/.well-known/openid-configuration`]: discovery };
    expect((await run({ fetch: serve(documents) })).of('realm.jwks_uri')?.severity).toBe('warning');
  });

  it('tells the clock of a realm by whichever answer has a date, and says so when none has', async () => {
    const late = new Date(clock.now() - 40_000).toUTCString();
    const fetch: Fetch = async (url) => Response.json(DOCUMENTS[url], { headers: url === CERTS ? { date: late } : {} });
    expect((await run({ fetch })).of('clock.realm')?.severity).toBe('problem');
    expect((await run({ fetch: serve(DOCUMENTS) })).of('clock.realm')).toMatchObject({
      severity: 'skipped',
      found: expect.stringContaining('Keycloak sends no Date header'),
    });
  });

  it('tells the clock of a table', async () => {
    const { table } = fakeTable({}, new Date(clock.now() + 31_000).toUTCString());
    expect((await run({ table })).of('clock.table')?.severity).toBe('problem');
  });

  it('asks the realm for nothing of the caller’s: the token stays here', async () => {
    const fetch = vi.fn(serve(DOCUMENTS));
    await run({ fetch });
    expect(fetch.mock.calls.map(([url, { headers }]) => [url, headers])).toEqual([
      [`${ISSUER}/.well-known/openid-configuration`, { accept: 'application/json' }],
      [CERTS, { accept: 'application/json' }],
    ]);
  });

  it('is over after 10 s by itself, though nothing answers', async () => {
    vi.useFakeTimers();
    const { table } = fakeTable();
    vi.spyOn(table.client, 'send').mockImplementation(() => new Promise(() => {}));
    const ended = vi.fn();
    const values = { ...VALUES, GATEPASS_ACCOUNT_CHECK: 'all' };
    void examine({ values, table, token: 'e30.e30.e30', fetch: () => new Promise(() => {}), now: clock.now }).then(
      ended,
    );
    await vi.advanceTimersByTimeAsync(TOTAL_MS);
    expect(ended).toHaveBeenCalled();
  });

  it('gives up at its limit, and has what had answered by then', async () => {
    vi.useFakeTimers();
    const slow: Fetch = async (url, init) => (url === CERTS ? new Promise(() => {}) : serve(DOCUMENTS)(url, init));
    const parts = { values: VALUES, table: undefined, token: undefined, fetch: slow, now: clock.now };
    const examined = examine(parts, 1000);
    await vi.advanceTimersByTimeAsync(1000);
    const severity = new Map((await examined).map((finding) => [finding.id, finding.severity]));
    expect([severity.get('realm.discovery'), severity.get('realm.jwks_uri')]).toEqual(['ok', 'problem']);
  });

  it('makes a finding of a check that fails by itself, and loses no other', async () => {
    const broken: Fetch = async (url) => {
      const answer = await serve(DOCUMENTS)(url, { signal: AbortSignal.abort(), redirect: 'manual', headers: {} });
      if (url !== CERTS) return answer;
      return Object.defineProperty(answer, 'headers', { value: null });
    };
    const { of } = await run({ fetch: broken });
    expect(of('clock.realm')).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('check itself failed'),
    });
    expect(of('realm.discovery')?.severity).toBe('ok');
  });
});
