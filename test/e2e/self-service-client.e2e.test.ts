import * as v from 'valibot';
import { beforeAll, expect, inject, test } from 'vitest';
import { askRealm } from '../../src/bearer/fetch-jwks.ts';
import { pageChecks } from '../../src/doctor/checks/page.ts';
import { examine } from '../../src/doctor/doctor.ts';
import { importRealm, type Realm } from './support/realm.ts';

const CLIENT = 'gatepass-keys-page';
const PAGE = 'http://localhost:3000/prod/keys';

const clientSchema = v.looseObject({ id: v.string(), attributes: v.record(v.string(), v.string()) });

let realm: Realm;
let good: v.InferOutput<typeof clientSchema>;

beforeAll(async () => {
  realm = await importRealm(inject('keycloak'), 'self-service-client');
  [good] = v.parse(v.tuple([clientSchema]), await realm.admin.get(`/clients?clientId=${CLIENT}`));
});

/** What the doctor finds of the page's client with a change to it: each check's severity, but for `ok`. */
async function findingsOf(change: object, attributes: object = {}): Promise<Readonly<Record<string, string>>> {
  // An attribute that is left out stays as it was.
  const all = { ...good.attributes, 'oauth2.device.authorization.grant.enabled': 'false', ...attributes };
  await realm.admin.put(`/clients/${good.id}`, { ...good, ...change, attributes: all });
  const results = await examine({
    values: { GATEPASS_ISSUER: realm.issuer, GATEPASS_AUDIENCE: 'gatepass-keys' },
    table: undefined,
    token: undefined,
    page: { url: PAGE, clientId: CLIENT, fetch },
    askRealm,
    now: Date.now,
  });
  const ofPage = results.filter(({ name }) => pageChecks.some((check) => check.name === name));
  expect(ofPage).toHaveLength(pageChecks.length);
  return Object.fromEntries(ofPage.flatMap(({ name, severity }) => (severity === 'ok' ? [] : [[name, severity]])));
}

test("finds the realm file's client of the self-service page well, without any right in the realm", async () => {
  expect(await findingsOf({})).toEqual({});
});

test.each<[string, Readonly<Record<string, string>>, object, object?]>([
  ['no PKCE', { 'page.pkce': 'problem' }, {}, { 'pkce.code.challenge.method': '' }],
  ['redirects to any address', { 'page.redirect_uri': 'problem' }, { redirectUris: [PAGE, 'https://*'] }],
  ['redirects below its own', { 'page.redirect_uri': 'warning' }, { redirectUris: [PAGE, `${PAGE}/*`] }],
  ['redirects in its origin', { 'page.redirect_uri': 'warning' }, { redirectUris: ['http://localhost:3000/*'] }],
  ['web origin of anybody', { 'page.web_origins': 'warning' }, { webOrigins: ['*'] }],
  ['no web origin', { 'page.web_origins': 'problem' }, { webOrigins: [] }],
  ['direct access grants', { 'page.flows': 'problem' }, { directAccessGrantsEnabled: true }],
  ['the implicit flow', { 'page.flows': 'problem' }, { implicitFlowEnabled: true }],
  ['devices', { 'page.flows': 'problem' }, {}, { 'oauth2.device.authorization.grant.enabled': 'true' }],
  ['no address after signing out', { 'page.sign_out': 'problem' }, {}, { 'post.logout.redirect.uris': '-' }],
])('finds %s', async (_, findings, change, attributes) => {
  expect(await findingsOf(change, attributes)).toEqual(findings);
});

const NO_SIGN_IN = { 'page.flows': 'skipped', 'page.web_origins': 'skipped', 'page.sign_out': 'skipped' };

test.each<[string, Readonly<Record<string, string>>, object, object?]>([
  ['PKCE by plain', { 'page.pkce': 'problem' }, {}, { 'pkce.code.challenge.method': 'plain' }],
  ['another address', { 'page.redirect_uri': 'problem', 'page.pkce': 'skipped' }, { redirectUris: [`${PAGE}/`] }],
  ['no standard flow', { 'page.redirect_uri': 'problem', 'page.pkce': 'skipped' }, { standardFlowEnabled: false }],
  [
    'a client that is disabled',
    { 'page.client': 'problem', 'page.redirect_uri': 'problem', 'page.pkce': 'skipped' },
    { enabled: false },
  ],
])('finds %s, and judges no more where nobody can sign in', async (_, findings, change, attributes) => {
  expect(await findingsOf(change, attributes)).toEqual({ ...NO_SIGN_IN, ...findings });
});

test('finds a client with a secret and a service account', async () => {
  const change = { publicClient: false, serviceAccountsEnabled: true };
  expect(await findingsOf(change)).toMatchObject({ 'page.client': 'problem' });
});
