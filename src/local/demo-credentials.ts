import type { Clock } from '../decision.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { bytesFrom, DEMO_KEY_NAMES, type DemoKeyName, makeDemoKey, putDemoAccounts } from './demo-keys.ts';
import { DEMO_TOKEN_NAMES, type DemoTokenName, makeDemoToken } from './demo-tokens.ts';
import type { EmbeddedIssuer } from './embedded-issuer.ts';
import type { EmbeddedTable } from './embedded-table.ts';

const PLACEHOLDER = /\{\{([A-Z0-9_]+)\}\}/g;

export interface DemoCredentials {
  /** Puts credentials where a text has placeholders: `{{API_KEY}}`, `{{ACCESS_TOKEN}}`, `{{API_KEY_ID}}`, … */
  fill(text: string): Promise<string>;
}

/**
 * Makes each credential when it is first asked for, so that none is stored. Tokens are new; a key is the same as long as
 * the issuer's seed is, so that running programs again and again doesn't fill the table.
 */
export function createDemoCredentials({ table }: EmbeddedTable, issuer: EmbeddedIssuer, now: Clock): DemoCredentials {
  const made = new Map<string, Promise<string>>();
  const keyIds = new Map<string, string>();
  let accounts: Promise<void> | undefined;

  async function make(name: string): Promise<string> {
    accounts ??= putDemoAccounts(table);
    await accounts;
    if (isTokenName(name)) return makeDemoToken(issuer, name, now());
    if (isKeyName(name)) {
      const { presented, keyId } = await makeDemoKey(table, name, now(), bytesFrom(issuer.seed, name));
      keyIds.set(`${name}_ID`, keyId);
      return presented;
    }
    await get(name.replace(/_ID$/, ''));
    return keyIds.get(name) ?? '';
  }

  function get(name: string): Promise<string> {
    const value = made.get(name) ?? make(name);
    made.set(name, value);
    return value;
  }

  return {
    async fill(text) {
      assertPlaceholders(text);
      const values = new Map<string, string>();
      for (const [, name = ''] of text.matchAll(PLACEHOLDER)) values.set(name, await get(name));
      return text.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? '');
    },
  };
}

/** @throws UsageError for a placeholder that no credential is made for. */
export function assertPlaceholders(text: string): void {
  const known: readonly string[] = [...DEMO_KEY_NAMES, ...DEMO_TOKEN_NAMES];
  for (const [placeholder, name = ''] of text.matchAll(PLACEHOLDER)) {
    if (known.includes(name) || isKeyName(name.replace(/_ID$/, ''))) continue;
    throw new UsageError(`There is no placeholder ${placeholder}: use one of ${known.join(', ')}.`);
  }
}

function isKeyName(name: string): name is DemoKeyName {
  return DEMO_KEY_NAMES.includes(name);
}

function isTokenName(name: string): name is DemoTokenName {
  return DEMO_TOKEN_NAMES.includes(name);
}
