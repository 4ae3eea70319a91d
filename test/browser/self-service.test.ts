import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { KeyView, UsageView } from '../../src/self-service/key-view.ts';
import { type OpenPage, openBrowser } from '../e2e/support/browser.ts';
import { type Checkout, createCheckout, type RunningGateway } from '../support/checkout.ts';
import { faultsOf } from './support/page-faults.ts';

const chromium = inject('chromium');

let checkout: Checkout;
let gateway: RunningGateway;
let address: string;
let browser: OpenPage;

beforeAll(async () => {
  checkout = createCheckout();
  gateway = await checkout.startGateway('--ttl', '0');
  [, address = ''] = /(http:\S+\/keys)\b/.exec(gateway.text()) ?? [];
});
afterAll(() => checkout.remove());

beforeEach(async () => {
  browser = await openBrowser(chromium);
});
afterEach(() => browser.close());

/** Opens the page that the greeting names, and signs in with one click. */
async function open(): Promise<OpenPage['page']> {
  const { page } = browser;
  await page.goto(address);
  await page.getByRole('button', { name: 'Sign in as' }).click();
  await page.getByRole('button', { name: 'New key' }).waitFor();
  return page;
}

const DAY_MS = 86_400_000;

/** A time as the API writes it, some days from now. */
function inDays(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().replace(/\.\d+/, '');
}

function keyOf(name: string, change: Partial<KeyView>): KeyView {
  const id = `01jd7qk0${Math.random().toString(36).slice(2, 12)}`;
  return {
    ...{ id, name, environment: 'live', networks: [], state: 'active' },
    ...{ createdAt: inDays(-20), expiresAt: inDays(70), ...change },
  };
}

/** A key in each state that there is. */
const KEYS: readonly KeyView[] = [
  keyOf('CI, staging', { scope: 'reports:read', lastUsedAt: inDays(-0.001) }),
  keyOf('Nightly export', { state: 'in_grace', graceEndsAt: inDays(0.9), rotatedAt: inDays(-0.1) }),
  keyOf('Mobile app', {
    ...{ state: 'disabled', disabledBy: 'leak', leakedWhere: 'github.com/example/app' },
  }),
  keyOf('Dashboard', { expiresAt: inDays(6.5), lastUsedAt: inDays(-2) }),
  keyOf('Old laptop', { createdAt: inDays(-200), lastUsedAt: inDays(-120), expiresAt: inDays(160) }),
  keyOf('Load test', { state: 'disabled', disabledBy: 'user' }),
  keyOf('Partner X', { state: 'disabled', disabledBy: 'operator' }),
  keyOf('Last year', { state: 'expired', createdAt: inDays(-400), expiresAt: inDays(-35) }),
  keyOf('<img src=x onerror=alert(1)>', { lastUsedAt: inDays(-0.2) }),
];

/** Of a program that runs on work days. */
const USAGE: UsageView = {
  days: Array.from({ length: 30 }, (_, index) => ({
    day: inDays(index - 29).slice(0, 10),
    minutesUsed: index % 7 < 2 || index > 27 ? 0 : 260 + ((index * 37) % 126),
    minutesRefused: index === 12 ? 3 : 0,
  })),
  addresses: ['192.0.2.0/24', '2001:db8:7::/48'],
  more: false,
};

describe.skipIf(chromium === '')('the page of npm start', () => {
  it('lets a newcomer make a key with two clicks and a name, and the pasted lines work at once', async () => {
    const page = await open();
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('My laptop');
    await browser.picture('self-service-new');
    await page.getByRole('button', { name: 'Create key' }).click();
    const paste = await Promise.all(['In a shell', 'Try it'].map((label) => page.getByLabel(label).inputValue()));
    const { stdout } = await promisify(execFile)('sh', ['-c', paste.join('\n')]);
    expect(JSON.parse(stdout)).toMatchObject({ authMethod: 'api_key', userId: 'user-42' });

    // Its use is recorded within a second or so: a change of the key reads the list again.
    await page.getByText('I have stored it').click();
    const use = page.getByRole('button', { name: 'usage of My laptop' });
    const readAgain = async () => {
      await page.getByRole('button', { name: /^(Disable|Enable) My laptop/ }).click();
      return use.count();
    };
    await expect.poll(readAgain, { timeout: 20_000, interval: 500 }).toBe(1);
    await use.click();
    await page.getByText('it was used on 1 of 30 days').waitFor();
    expect(browser.complaints).toStrictEqual([]);
  });

  it('shows each state of a key in words, light and dark, wide and narrow, without a violation of axe', async () => {
    const { page, picture, violations, complaints } = browser;
    await page.route('**/api/keys', (route) => route.fulfill({ json: { keys: KEYS, usageSince: inDays(-300) } }));
    await page.route('**/usage', (route) => route.fulfill({ json: USAGE }));
    await open();
    await page.getByRole('rowheader', { name: '<img src=x onerror=alert(1)>' }).waitFor();
    const states = await page.getByRole('row').locator('td[data-label=State]').allInnerTexts();
    expect(states.map((text) => text.split('\n')[0])).toStrictEqual([
      'Active',
      'Active; the old key ends in 21 hours',
      'Disabled: found in public at github.com/example/app',
      'Active, expires in 6 days',
      'Active',
      'Disabled',
      'Disabled by an operator',
      'Expired',
      'Active',
    ]);
    expect(await faultsOf(browser, 'self-service')).toStrictEqual([]);
    await page.getByRole('button', { name: 'usage of CI, staging' }).click();
    await page.getByText('it was used on 20 of 30 days, in 385 minutes of a day at most').waitFor();
    await page.getByText('It was refused in 3 minutes.').waitFor();
    expect(await violations()).toStrictEqual([]);
    await picture('self-service-usage');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Rotate Mobile app' }).click();
    await page.getByText('The one that was found in public never works again.').waitFor();
    expect(await page.getByLabel('The old key works for').count()).toBe(0);
    expect(await violations()).toStrictEqual([]);
    expect(complaints).toStrictEqual([]);
  });

  it('is worked by the keyboard alone, and gives the focus back to where it was', async () => {
    const page = await open();
    const { keyboard } = page;
    const focused = () => page.evaluate<string>('document.activeElement.innerText || document.activeElement.name');
    const tabTo = async (name: string) => {
      for (let presses = 0; presses < 40 && (await focused()) !== name; presses++) await keyboard.press('Tab');
      expect(await focused()).toBe(name);
    };
    await tabTo('New key');
    await keyboard.press('Enter');
    await expect.poll(focused).toBe('name');
    await keyboard.press('Escape');
    await expect.poll(focused).toBe('New key');

    await keyboard.press('Enter');
    await keyboard.type('By keyboard');
    // What was refused leaves the focus where it was, and is sent again by the same key.
    await page.route('**/api/keys', (route) => route.abort(), { times: 1 });
    await tabTo('Create key');
    await keyboard.press('Enter');
    await page.getByText('could not be reached').waitFor();
    await expect.poll(focused).toBe('Create key');
    await keyboard.press('Enter');
    await page.getByText('I have stored it').waitFor();
    expect(await focused()).toBe('key');
    const key = await page.getByRole('textbox', { name: 'API key' }).inputValue();
    // A key that nobody has stored yet is not closed by mistake.
    for (let presses = 0; presses < 3; presses++) await keyboard.press('Escape');
    expect(await focused()).toBe('key');
    // Nor by a browser that doesn't know how to keep a dialog open.
    await page.evaluate('document.querySelector("dialog").close()');
    await page.locator('dialog[open]').waitFor();
    expect(await page.getByRole('textbox', { name: 'API key' }).inputValue()).toBe(key);
    await tabTo('Copy');
    await keyboard.press('Enter');
    await page.getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(key);
    await tabTo('I have stored it');
    await keyboard.press('Enter');
    await page.getByRole('rowheader', { name: 'By keyboard' }).waitFor();
    await expect.poll(focused).toBe('New key');

    await page.getByRole('button', { name: 'Delete By keyboard' }).focus();
    await keyboard.press('Enter');
    await keyboard.type('By mistake');
    await keyboard.press('Enter');
    await page.getByText('That is not its name.').waitFor();
    await page.getByRole('dialog').getByRole('textbox').fill('By keyboard');
    await keyboard.press('Enter');
    await page.getByText('By keyboard was deleted.').waitFor();
    await expect.poll(focused).toBe('New key');
  });

  it('refreshes a token 20 s before it ends, and keeps a new key on screen though the session has ended', async () => {
    const { page } = browser;
    await page.clock.install();
    await open();
    const asked: string[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') asked.push(request.postData() ?? '');
    });
    const make = async (name: string) => {
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill(name);
      await page.getByRole('button', { name: 'Create key' }).click();
      await page.getByText('I have stored it').waitFor();
    };
    await page.clock.fastForward(281_000);
    await make('After a refresh');
    expect(asked).toStrictEqual([expect.stringContaining('grant_type=refresh_token'), expect.stringContaining('{')]);

    const key = await page.getByRole('textbox', { name: 'API key' }).inputValue();
    await fetch(`${await issuerOf(page)}/protocol/openid-connect/logout`, { redirect: 'manual' });
    await page.clock.fastForward(600_000);
    expect(await page.getByRole('textbox', { name: 'API key' }).inputValue()).toBe(key);
    expect(page.url()).toBe(address);
    await page.getByText('I have stored it').click();
    await page.getByText('Your session has ended').waitFor();
    expect(page.url()).toBe(address);
    expect(await page.content()).not.toContain(key);
  });

  it('takes a realm that can not be reached at a refresh for no end of the session', async () => {
    const { page } = browser;
    await page.clock.install();
    await open();
    await page.clock.fastForward(281_000);
    await page.route('**/protocol/openid-connect/token', (route) => route.abort(), { times: 1 });
    await page.getByRole('button', { name: 'New key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('After an outage');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('could not be reached').waitFor();
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByText('I have stored it').waitFor();
  });

  it.each([
    ['the realm refused', '?error=access_denied&state=x', 'this tab did not ask for it'],
    ['the code is of another tab', '?code=x&state=y', 'this tab did not ask for it'],
  ])('tells that %s, and goes nowhere by itself', async (_, query, why) => {
    const { page, violations } = browser;
    await page.goto(address + query);
    await page.getByText(why).waitFor();
    expect(page.url()).toBe(address);
    expect(await violations()).toStrictEqual([]);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in as' }).click();
    await page.getByRole('button', { name: 'New key' }).waitFor();
  });

  it("tells the realm's own words when it refuses a sign-in that this tab asked for", async () => {
    const { page } = browser;
    await page.goto(address);
    const button = page.getByRole('button', { name: 'Sign in as' });
    await button.waitFor();
    const state = new URL(page.url()).searchParams.get('state');
    await page.goto(`${address}?error=access_denied&error_description=No%20cookies&state=${state}`);
    await page.getByText('The sign-in did not work: No cookies').waitFor();
    expect(await page.evaluate('Object.keys(sessionStorage)')).toStrictEqual([]);
    expect(page.url()).toBe(address);
  });

  it('tells that the realm could not be reached', async () => {
    const { page, violations } = browser;
    await page.route('**/.well-known/openid-configuration', (route) => route.abort());
    await page.goto(`${address}?code=x&state=y`);
    await page.getByText('The sign-in did not work').waitFor();
    expect(page.url()).toBe(address);
    expect(await violations()).toStrictEqual([]);
  });

  it('tells that the server could not be reached, and tries again when asked to', async () => {
    const page = await open();
    await page.route('**/api/keys/*', (route) => route.abort());
    const toggle = page.getByRole('button', { name: /^(Disable|Enable)/ }).first();
    await toggle.click();
    await page.getByText('could not be reached').waitFor();
    expect(await browser.violations()).toStrictEqual([]);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('could not be reached').waitFor({ state: 'detached' });
  });

  it('stays blank in a frame of another origin, which reads nothing and changes nothing', async () => {
    const { page } = browser;
    const other = createServer((_, response) => {
      const frame = `<iframe src="${address}"></iframe>`;
      response.writeHead(200, { 'content-type': 'text/html' }).end(`<!doctype html><title>Other</title>${frame}`);
    }).listen(0, '127.0.0.1');
    try {
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo; // a TCP server's address is never a string
      await page.goto(`http://127.0.0.1:${port}/`);
      const [, frame] = page.frames();
      expect(frame?.url()).toBe('chrome-error://chromewebdata/');

      const send = (path: string, init: object) =>
        page.evaluate(`fetch(${JSON.stringify(address + path)}, ${JSON.stringify(init)}).then(
          ({ type, status }) => type + ' ' + status, ({ name }) => name)`);
      const headers = { authorization: 'Bearer x' };
      expect(await send('', {})).toBe('TypeError');
      expect(await send('/api/keys', {})).toBe('TypeError');
      expect(await send('/api/keys', { headers })).toBe('TypeError');
      // What a browser sends without asking first, it sends without a credential: no cookie is one here.
      const simple = { method: 'POST', mode: 'no-cors', credentials: 'include', body: '{"name":"Other"}' };
      expect(await send('/api/keys', simple)).toBe('opaque 0');
      expect(gateway.text()).toMatch(/POST \/prod\/keys\/api\/keys {2}401/);
    } finally {
      other.close();
    }
  });
});

/** The realm that the page signs in at. */
function issuerOf(page: OpenPage['page']): Promise<string> {
  return page.evaluate<string>('document.getElementById("page").dataset.issuer');
}
