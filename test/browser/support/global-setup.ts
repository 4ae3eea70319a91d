import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';
import { findChromium } from './chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the browser is; empty when there is none, and the tests are skipped. */
    readonly chromium: string;
  }
}

const HOW_TO =
  'There is no Chromium: install it (apt-get install chromium, or as your system does), or set CHROMIUM to its path.';

/** Finds a browser, or installs Debian's where that can be done without asking. */
export function setup(project: TestProject): void {
  const chromium = findChromium() ?? install();
  // A pipeline must not pass because it has no browser.
  if (chromium === undefined && process.env['CI']) throw new Error(HOW_TO);
  if (chromium === undefined) process.stderr.write(`browser: SKIPPED. ${HOW_TO}\n`);
  project.provide('chromium', chromium ?? '');
}

function install(): string | undefined {
  if (process.getuid?.() !== 0) return undefined;
  process.stderr.write('browser: installing Chromium with apt-get …\n');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, stdio: 'ignore' });
  } catch {
    return undefined; // no apt-get, no such package, or no way to fetch it
  }
  return findChromium();
}
