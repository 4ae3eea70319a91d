import { afterEach, describe, expect, it, vi } from 'vitest';
import { DOCTOR_CHECKS, type DoctorParts, examine, TOTAL_MS } from '../../../src/doctor/doctor.ts';
import { type AskRealm, EXTRA_MS } from '../../../src/doctor/realm-facts.ts';
import { createMovedClock } from '../../support/moved-clock.ts';
import { AUDIENCE, CLIENT, createRealm, ISSUER, makeKeyPair } from '../../support/realm.ts';
import { CERTS } from './answers.ts';
import { ENDPOINTS, PAGE_CLIENT, PAGE_URL, servePageClient } from './fake-page-client.ts';
import { fakeTable } from './fake-table.ts';

const clock = createMovedClock();
const realm = createRealm(clock);
const VALUES = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: AUDIENCE,
  GATEPASS_CLIENTS: CLIENT,
};

const DISCOVERY = `${ISSUER}/.well-known/openid-configuration`;
const DOCUMENTS: Readonly<Record<string, unknown>> = {
  [DISCOVERY]: { issuer: ISSUER, jwks_uri: CERTS, id_token_signing_alg_values_supported: ['RS256'], ...ENDPOINTS },
  [CERTS]: { keys: [realm.signing.jwk] },
};

function serve(documents: Readonly<Record<string, unknown>>, headers = {}): AskRealm {
  return async (uri) => ({ status: uri in documents ? 200 : 404, headers, body: JSON.stringify(documents[uri] ?? {}) });
}

const date = new Date(clock.now()).toUTCString();

async function run(change: Partial<DoctorParts> = {}) {
  const token = await realm.token();
  const { table } = fakeTable({}, date);
  const page = { url: PAGE_URL, clientId: PAGE_CLIENT, fetch: servePageClient() };
  const logoutClients = {
    clientIds: [CLIENT],
    maxTokenLifetime: 43_200,
    settings: {
      client: async () => ({
        backchannelLogoutUrl: 'https://api.example.com/logout',
        isSessionRequired: true,
        isFrontChannel: false,
        tokenLifetime: 300,
      }),
    },
  };
  const parts = {
    values: VALUES,
    table,
    token,
    page,
    logoutClients,
    askRealm: serve(DOCUMENTS, { date }),
    now: clock.now,
  };
  const findings = await examine({ ...parts, ...change });
  const of = (name: string) => findings.find((finding) => finding.name === name);
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

  it('runs every check, in the order of the list', async () => {
    const { findings } = await run({ table: undefined, token: undefined, values: {} });
    expect(findings.map(({ name, expected }) => [name, expected])).toEqual(
      DOCTOR_CHECKS.map(({ name, expected }) => [name, expected]),
    );
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
    const { severities } = await run({
      values,
      askRealm: serve({ ...DOCUMENTS, [inside]: DOCUMENTS[CERTS] }, { date }),
    });
    expect([...severities]).toEqual(['ok']);
  });

  it('only warns of an issuer out of reach when the keys have an address of their own', async () => {
    const inside = 'https://keycloak.internal/certs';
    const askRealm = serve({ [inside]: DOCUMENTS[CERTS] });
    const { of } = await run({ values: { ...VALUES, GATEPASS_JWKS_URI: inside }, askRealm });
    expect([of('realm.discovery')?.severity, of('token.decision')?.severity]).toEqual(['warning', 'ok']);
    expect((await run({ askRealm })).of('realm.discovery')?.severity).toBe('problem');
  });

  it('finds a configured address of another realm', async () => {
    const inside = 'https://keycloak.internal/certs';
    const others = { keys: [makeKeyPair(1).jwk] };
    const { of } = await run({
      values: { ...VALUES, GATEPASS_JWKS_URI: inside },
      askRealm: serve({ ...DOCUMENTS, [inside]: others }),
    });
    expect(of('realm.jwks_uri')).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining('none of the keys'),
    });
    expect(of('token.decision')?.found).toContain('token.unknown_key');
  });

  it('tells the clock of a table', async () => {
    const { table } = fakeTable({}, new Date(clock.now() + 31_000).toUTCString());
    expect((await run({ table })).of('clock.table')?.severity).toBe('problem');
  });

  it('asks the realm for two documents, once each and for longer than the function, and not for the token', async () => {
    const askRealm = vi.fn(serve(DOCUMENTS));
    await run({ askRealm });
    expect(askRealm.mock.calls).toEqual([
      [DISCOVERY, 2000 + EXTRA_MS],
      [CERTS, 2000 + EXTRA_MS],
    ]);
  });

  it('is over after 10 s by itself, though nothing answers', async () => {
    vi.useFakeTimers();
    const { table } = fakeTable();
    vi.spyOn(table.client, 'send').mockImplementation(() => new Promise(() => {}));
    const ended = vi.fn();
    const values = { ...VALUES, GATEPASS_ACCOUNT_CHECK: 'all' };
    void examine({ values, table, token: 'e30.e30.e30', askRealm: () => new Promise(() => {}), now: clock.now }).then(
      ended,
    );
    await vi.advanceTimersByTimeAsync(TOTAL_MS);
    expect(ended).toHaveBeenCalled();
  });

  it('gives up at its limit, and has what had answered by then', async () => {
    vi.useFakeTimers();
    const askRealm: AskRealm = async (uri, ms) => (uri === CERTS ? new Promise(() => {}) : serve(DOCUMENTS)(uri, ms));
    const parts = { values: VALUES, table: undefined, token: undefined, askRealm, now: clock.now };
    const examined = examine(parts, 1000);
    await vi.advanceTimersByTimeAsync(1000);
    const severity = new Map((await examined).map((finding) => [finding.name, finding.severity]));
    expect([severity.get('realm.discovery'), severity.get('realm.jwks_uri')]).toEqual(['ok', 'problem']);
  });
});
