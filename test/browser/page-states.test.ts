import type { Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { KeyView, UsageView } from '../../src/self-service/key-view.ts';
import type { Me } from '../../src/self-service/page/api.ts';
import { REFUSALS, type RefusalCode } from '../../src/self-service/refusal.ts';
import { type OpenPage, openBrowser } from '../e2e/support/browser.ts';
import { type Checkout, createCheckout } from '../support/checkout.ts';
import { faultsOf } from './support/page-faults.ts';

const chromium = inject('chromium');

let checkout: Checkout;
let address: string;
let browser: OpenPage;

beforeAll(async () => {
  checkout = createCheckout();
  const gateway = await checkout.startGateway('--ttl', '0');
  [, address = ''] = /(http:\S+\/keys)\b/.exec(gateway.text()) ?? [];
});
afterAll(() => checkout.remove());

beforeEach(async () => {
  browser = await openBrowser(chromium);
});
afterEach(() => browser.close());

/** As long as a name may be, without a place to break it. */
const LONG = 'x'.repeat(100);
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

const KEY: KeyView = {
  ...{ id: '01jd7qk0aaaaaaaaaaaaaaaaaaaa', name: LONG, environment: 'live', networks: [], state: 'in_grace' },
  ...{ createdAt: inHours(-500), graceEndsAt: inHours(20), expiresAt: inHours(900), lastUsedAt: inHours(-2) },
};
const ME: Me = {
  ...{ userId: 'user-1', email: 'ada@example.com', maxDays: 365 },
  scopes: [
    { value: 'reports:read', label: 'Read reports' },
    { value: 'reports:write', label: LONG },
  ],
};
const USAGE: UsageView = {
  days: Array.from({ length: 30 }, (_, day) => ({ day: inHours(24 * day), minutesUsed: day, minutesRefused: 1 })),
  addresses: ['192.0.2.0/24', '2001:db8:1234:5678:9abc:def0:1234::/112'],
  more: true,
};
/** No key: the form of one, as long as one is. */
const SHOWN = { apiKey: `gp_live_${'a'.repeat(28)}_${'B'.repeat(49)}`, key: KEY };

/** An answer that waits until it is let go. */
function held() {
  let release = () => undefined;
  const released = new Promise<undefined>((resolve) => {
    release = () => void resolve(undefined);
  });
  return { release: () => release(), wait: () => released };
}

function refuse(code: RefusalCode, fields?: Readonly<Record<string, string>>) {
  const { status, message } = REFUSALS[code];
  return (route: Route) => route.fulfill({ status, json: { error: code, message, ...(fields && { fields }) } });
}

/** Signs in at a page whose API answers as told. */
async function open(keys: readonly KeyView[]): Promise<OpenPage['page']> {
  const { page } = browser;
  await page.route('**/api/me', (route) => route.fulfill({ json: ME }));
  await page.route('**/api/keys', (route) => route.fulfill({ json: { keys, usageSince: inHours(-2000) } }));
  await page.goto(address);
  await page.getByRole('button', { name: 'Sign in as' }).click();
  await page.getByRole('button', { name: 'New key' }).waitFor();
  return page;
}

describe.skipIf(chromium === '')('light and dark, wide and narrow, no violation of axe and nothing too wide', () => {
  it('while the page signs in and reads the keys, without a key, and when the user has signed out', async () => {
    const { page, complaints } = browser;
    const discovery = held();
    await page.route('**/.well-known/openid-configuration', async (route) => {
      await discovery.wait();
      await route.continue();
    });
    await page.goto(address);
    await page.getByText('Signing in').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    discovery.release();

    const list = held();
    await page.route('**/api/keys', async (route) => {
      await list.wait();
      await route.continue();
    });
    await page.getByRole('button', { name: 'Sign in as' }).click();
    await page.getByText('Loading your keys').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    list.release();
    await page.getByRole('button', { name: 'New key' }).waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You have signed out').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    expect(complaints).toStrictEqual([]);
  });

  it('in the form of a new key: empty, with all that may be wrong, and while it is sent, which is once', async () => {
    const page = await open([]);
    await page.getByText('You have no API keys yet').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.getByRole('button', { name: 'New key' }).click();
    expect(await faultsOf(browser)).toStrictEqual([]);
    const fields = { name: LONG, scope: LONG, expiresInDays: LONG, networks: LONG };
    await page.route('**/api/keys', refuse('invalid_input', fields), { times: 1 });
    await page.getByRole('textbox', { name: 'Name' }).fill(LONG);
    const create = page.getByRole('button', { name: 'Create key' });
    await create.click();
    await page.getByRole('alert').getByText('Something').waitFor();
    await page.getByRole('group', { name: 'may be used', description: LONG }).waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);

    let sent = 0;
    const answer = held();
    await page.route('**/api/keys', async (route) => {
      sent++;
      await answer.wait();
      await route.fulfill({ status: 201, json: SHOWN });
    });
    await create.click();
    await create.and(page.locator('[aria-disabled=true]')).waitFor();
    await create.click({ force: true });
    expect(await faultsOf(browser)).toStrictEqual([]);
    answer.release();
    await page.getByText('I have stored it').waitFor();
    expect(sent).toBe(1);
  });

  it('of a new key, copied or not', async () => {
    const page = await open([KEY]);
    await page.getByRole('button', { name: 'Rotate' }).click();
    await page.route('**/rotate', (route) => route.fulfill({ json: SHOWN }));
    await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click();
    await page.getByText('I have stored it').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    for (const [permissions, told] of [
      [['clipboard-write'], 'Copied.'],
      [[], 'copy it by hand'],
    ] as const) {
      await browser.context.clearPermissions();
      await browser.context.grantPermissions([...permissions]);
      await page.getByRole('button', { name: 'Copy' }).click();
      await page.getByText(told).waitFor();
      expect(await faultsOf(browser)).toStrictEqual([]);
    }
    await page.getByText('I have stored it').click();
    await page.getByText(`${LONG} was rotated.`).waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
  });

  it('in what may be done to a key, refused or not', async () => {
    const page = await open([KEY]);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Rotate' }).click();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Delete' }).click();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await dialog.getByRole('textbox').fill('x');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('That is not its name.').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.route('**/api/keys/*', refuse('unavailable'));
    await dialog.getByRole('textbox').fill(LONG);
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.getByText(REFUSALS.unavailable.message).waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.keyboard.press('Escape');

    await page.route('**/usage', (route) => route.fulfill({ json: USAGE }));
    await page.getByRole('button', { name: 'usage of' }).click();
    await page.getByText('it was used on').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.keyboard.press('Escape');

    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText(REFUSALS.unavailable.message).waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
    await page.route('**/api/keys/*', refuse('session_ended'));
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('Your session has ended').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
  });

  it('when the sign-in failed', async () => {
    const { page } = browser;
    await page.goto(`${address}?error=access_denied&state=x`);
    await page.getByText('this tab did not ask for it').waitFor();
    expect(await faultsOf(browser)).toStrictEqual([]);
  });
});
