import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import * as v from 'valibot';

/** A page in a real browser, with all that went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Messages of the console above a warning, errors of scripts, and violations of the content security policy. */
  readonly complaints: readonly string[];
  /** What axe finds wrong with the page as it is now. */
  violations(): Promise<readonly string[]>;
  /** With PICTURES set, keeps a picture of the page under docs/images/, for the docs. */
  picture(name: string): Promise<void>;
  close(): Promise<void>;
}

const PICTURES = fileURLToPath(new URL('../../../docs/images/', import.meta.url));

const axeResult = v.array(v.object({ id: v.string(), nodes: v.array(v.object({ html: v.string() })) }));

export async function openBrowser(executablePath: string): Promise<OpenPage> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const context = await browser.newContext({
    viewport: { width: 1100, height: 640 },
    permissions: ['clipboard-read', 'clipboard-write'],
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const session = await context.newCDPSession(page);
  return {
    page,
    context,
    complaints,
    violations: () => runAxe(session),
    async picture(name) {
      if (!process.env['PICTURES']) return;
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: `${PICTURES}${name}.png` });
    },
    close: () => browser.close(),
  };
}

/** Through the browser's own protocol: the page's policy takes no script but its own. */
async function runAxe(session: CDPSession): Promise<readonly string[]> {
  await session.send('Runtime.evaluate', { expression: axe.source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
    awaitPromise: true,
  });
  const violations = v.parse(axeResult, JSON.parse(String(result.value)));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
