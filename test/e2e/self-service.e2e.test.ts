import * as v from 'valibot';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openAdmin } from '../../src/accounts/admin.ts';
import { revokeLeaked } from '../../src/accounts/leak/revoke-leaked.ts';
import { findChromium } from '../browser/support/chromium.ts';
import { type OpenPage, openBrowser } from './support/browser.ts';
import { AWS } from './support/environment.ts';
import { type LocalGateway, startLocalGateway } from './support/local-gateway.ts';
import { importRealm, type Realm, type RealmUser } from './support/realm.ts';
import { createTestTable, type TestTable } from './support/table.ts';

const CLIENT = 'gatepass-keys-page';

let realm: Realm;
let ada: RealmUser;
let table: TestTable;
let gateway: LocalGateway;
let browser: OpenPage;

beforeAll(async () => {
  realm = await importRealm(inject('keycloak'), 'self-service');
  table = await createTestTable(inject('dynamoDbEndpoint'), 'self-service');
  const profile = { email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
  ada = await realm.createUser({ username: 'ada', ...profile, roles: ['editor'] });
  const parts = ['--issuer', realm.issuer, '--audience', 'demo-api', '--ttl', '0'];
  gateway = await startLocalGateway([...parts, '--table', table.name, '--endpoint-url', table.endpoint], AWS);
  await setAddress(realm, gateway.origin);
  const chromium = findChromium();
  if (chromium === undefined) throw new Error('There is no Chromium: npm run test:browser installs it.');
  browser = await openBrowser(chromium);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** The port is another each time: the client's redirect URI must be the page's own. */
async function setAddress({ admin }: Realm, origin: string): Promise<void> {
  const [client] = v.parse(
    v.tuple([v.looseObject({ id: v.string() })]),
    await admin.get(`/clients?clientId=${CLIENT}`),
  );
  await admin.put(`/clients/${client.id}`, { ...client, redirectUris: [`${origin}/prod/keys`], webOrigins: [origin] });
}

/** How the API answers a key, by its status. */
async function use(key: string): Promise<number> {
  const { status } = await fetch(`${gateway.origin}/prod/api/v1/whoami`, { headers: { authorization: key } });
  return status;
}

async function signIn({ page }: OpenPage): Promise<void> {
  await page.getByLabel('Username or email').fill(ada.username);
  await page.getByLabel('Password', { exact: true }).fill(ada.password);
  await page.getByRole('button', { name: 'Sign In' }).click();
}

async function readShownKey({ page }: OpenPage): Promise<string> {
  await page.getByText('I have stored it').waitFor();
  await page.getByRole('button', { name: 'Copy' }).click();
  return page.evaluate<string>('navigator.clipboard.readText()');
}

test('a user signs in with Keycloak and keeps their keys on the page, from the first to the last', async () => {
  const { page, complaints, violations } = browser;
  await page.goto(`${gateway.origin}/prod/keys`);
  await signIn(browser);
  await page.getByText('You have no API keys yet').waitFor();
  expect(page.url()).toBe(`${gateway.origin}/prod/keys`);
  expect(await violations()).toStrictEqual([]);

  // Makes a key, sees it once, and uses it.
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name', { exact: true }).fill('CI, staging');
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('button', { name: 'Create key' }).click();
  const first = await readShownKey(browser);
  expect(await violations()).toStrictEqual([]);
  expect(await use(first)).toBe(200);
  await page.getByText('I have stored it').click();
  await page.getByRole('rowheader', { name: 'CI, staging' }).waitFor();
  expect(await page.content()).not.toContain(first);

  // Rotates it: both work for the grace, and a second rotation ends the older one.
  await page.getByRole('button', { name: 'Rotate CI, staging' }).click();
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  const second = await readShownKey(browser);
  expect([await use(first), await use(second)]).toStrictEqual([200, 200]);
  await page.getByText('I have stored it').click();
  await page.getByText('the old key ends').waitFor();
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('button', { name: 'Rotate CI, staging' }).click();
  await page.getByText('Which one ends now?').waitFor();
  expect(await violations()).toStrictEqual([]);
  await page.getByLabel('The old key works for').selectOption('0');
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  const third = await readShownKey(browser);
  expect([await use(first), await use(second), await use(third)]).toStrictEqual([401, 401, 200]);
  await page.getByText('I have stored it').click();
  await page.getByRole('cell', { name: 'Active', exact: true }).waitFor();
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await violations()).toStrictEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });

  // Disables it, which the next decision knows, and enables it again.
  await page.getByRole('button', { name: 'Disable CI, staging' }).click();
  await page.getByRole('button', { name: 'Enable CI, staging' }).waitFor();
  expect(await use(third)).toBe(401);
  await page.getByRole('button', { name: 'Enable CI, staging' }).click();
  await page.getByRole('button', { name: 'Disable CI, staging' }).waitFor();
  expect(await use(third)).toBe(200);

  // A reload signs in again by the realm's session; nothing was left in the browser.
  await page.reload();
  await page.getByRole('rowheader', { name: 'CI, staging' }).waitFor();
  const left = '[Object.keys(sessionStorage), Object.keys(localStorage), document.cookie]';
  expect(await page.evaluate(left)).toStrictEqual([[], [], '']);

  // It is found in public: it is off, and nothing but a rotation brings it back, with another secret.
  await revokeLeaked(openAdmin({ table }), [Buffer.from(third)], { where: 'https://paste.example/1' });
  await page.reload();
  await page.getByText('Disabled: found in public at https://paste.example/1').waitFor();
  expect(await page.getByRole('button', { name: 'Enable CI, staging' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Rotate CI, staging' }).click();
  await page.getByText('The one that was found in public never works again.').waitFor();
  expect(await page.getByLabel('The old key works for').count()).toBe(0);
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
  const fourth = await readShownKey(browser);
  expect([await use(third), await use(fourth)]).toStrictEqual([401, 200]);
  await page.getByText('I have stored it').click();

  // Another tab is signed in by the same session, and sees what this one does once it looks again.
  const other = await browser.context.newPage();
  await other.goto(`${gateway.origin}/prod/keys`);
  await other.getByRole('rowheader', { name: 'CI, staging' }).waitFor();
  await page.getByRole('button', { name: 'Delete CI, staging' }).click();
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('dialog').getByRole('textbox').fill('CI, staging');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('You have no API keys yet').waitFor();
  expect(await use(fourth)).toBe(401);
  await other.getByRole('button', { name: 'Disable CI, staging' }).click();
  await other.getByText('There is no such key of yours').waitFor();
  await other.close();

  // The session ends in Keycloak: no key is made in the minutes that the token lives on, and what was typed is kept.
  await realm.admin.post(`/users/${ada.id}/logout`, {});
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Name', { exact: true }).fill('too late');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByText('Your session has ended').waitFor();
  expect(await violations()).toStrictEqual([]);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await signIn(browser);
  await page.getByLabel('Name', { exact: true }).waitFor();
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('too late');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You have signed out').waitFor();
  expect(await violations()).toStrictEqual([]);
  expect(await page.evaluate(left)).toStrictEqual([[], [], '']);
  // Chromium tells of the one answer that refused.
  expect(complaints).toStrictEqual([expect.stringContaining('403')]);
}, 120_000);

test("no other credential makes a key: another client's, a service account's, an ID token, a key, or nothing", async () => {
  const web = await realm.logIn('demo-web', ada);
  const key = await table.createKey(ada.id);
  const credentials = {
    "another client's token": `Bearer ${web.access_token}`,
    'an ID token': `Bearer ${web.id_token}`,
    "a service account's token": `Bearer ${await realm.serviceToken('demo-service')}`,
    'a key': key,
    nothing: undefined,
  };
  const answers = await Promise.all(
    Object.entries(credentials).map(async ([name, authorization]) => {
      const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
      const url = `${gateway.origin}/prod/keys/api/keys`;
      const response = await fetch(url, { method: 'POST', headers, body: '{"name":"forged"}' });
      return [name, response.status, v.parse(v.looseObject({ error: v.string() }), await response.json()).error];
    }),
  );
  expect(answers).toStrictEqual([
    ["another client's token", 401, 'invalid_token'],
    ['an ID token', 401, 'invalid_token'],
    ["a service account's token", 401, 'invalid_token'],
    ['a key', 403, 'bearer_required'],
    ['nothing', 401, 'missing_authorization'],
  ]);
});
