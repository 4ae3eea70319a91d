import type { Clock } from '../decision.ts';
import { DEMO_KEY_NAMES, type DemoKeyName, makeDemoKey, putDemoAccounts } from './demo-keys.ts';
import { DEMO_TOKEN_NAMES, type DemoTokenName, makeDemoToken } from './demo-tokens.ts';
import type { EmbeddedIssuer } from './embedded-issuer.ts';
import type { EmbeddedTable } from './embedded-table.ts';

const PLACEHOLDER = /\{\{([A-Z0-9_]+)\}\}/g;

export interface DemoCredentials {
  /** Puts credentials where a text has placeholders: `{{API_KEY}}`, `{{ACCESS_TOKEN}}`, `{{API_KEY_ID}}`, … */
  fill(text: string): Promise<string>;
}

/** Makes each credential when it is first asked for, so that none is stored or outlives its run. */
export function createDemoCredentials({ table }: EmbeddedTable, issuer: EmbeddedIssuer, now: Clock): DemoCredentials {
  const made = new Map<string, Promise<string>>();
  const keyIds = new Map<string, string>();
  let accounts: Promise<void> | undefined;

  async function make(name: string): Promise<string> {
    if (isTokenName(name)) return makeDemoToken(issuer, name, now());
    if (isKeyName(name)) {
      accounts ??= putDemoAccounts(table);
      await accounts;
      const { presented, keyId } = await makeDemoKey(table, name, now());
      keyIds.set(`${name}_ID`, keyId);
      return presented;
    }
    const key = name.replace(/_ID$/, '');
    if (key === name || !isKeyName(key)) return fail(name);
    await get(key);
    return keyIds.get(name) ?? fail(name);
  }

  function get(name: string): Promise<string> {
    const value = made.get(name) ?? make(name);
    made.set(name, value);
    return value;
  }

  return {
    async fill(text) {
      const values = new Map<string, string>();
      for (const [, name = ''] of text.matchAll(PLACEHOLDER)) values.set(name, await get(name));
      return text.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? '');
    },
  };
}

function fail(name: string): never {
  throw new Error(
    `There is no placeholder {{${name}}}: use one of ${[...DEMO_KEY_NAMES, ...DEMO_TOKEN_NAMES].join(', ')}.`,
  );
}

function isKeyName(name: string): name is DemoKeyName {
  return DEMO_KEY_NAMES.includes(name);
}

function isTokenName(name: string): name is DemoTokenName {
  return DEMO_TOKEN_NAMES.includes(name);
}
