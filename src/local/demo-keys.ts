import { hkdfSync, randomBytes } from 'node:crypto';
import { createApiKey, createKeyId } from '../key-format/format.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { LAST_SECOND } from '../seconds.ts';
import { putAccountIfAbsent, writeAccount } from '../table/accounts.ts';
import { type Account, type ApiKeyItem, apiKeyAt, importedAt, revokedSessionAt } from '../table/items.ts';
import type { Table } from '../table/table.ts';
import { putItem } from '../table/write.ts';
import { ENDED_SESSION } from './demo-tokens.ts';

/** The users of the demo: one for each state that an account can be in. `user-missing` has none. */
const ACCOUNTS: readonly (Account & { readonly userId: string })[] = [
  {
    userId: 'user-42',
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
    roles: ['editor', 'viewer'],
    active: true,
  },
  { userId: 'user-disabled', email: 'bob@example.com', active: false },
  { userId: 'user-deleted', email: 'cy@example.com', active: true, deleted: true },
];

interface Recipe {
  readonly userId?: string;
  readonly environment?: string;
  /** What is changed about a key that would be good. `now` is in epoch seconds. */
  readonly item?: (now: number) => Partial<ApiKeyItem>;
  /** What is presented instead of the key. */
  readonly present?: (key: string) => string;
  /** How it comes to be in the table, if not like any. */
  readonly stored?: 'not' | 'imported';
}

const HOUR = 3600;

/** A key for each way in which one is good or bad. The names are the placeholders of `events/`. */
const RECIPES = {
  API_KEY: {},
  API_KEY_EXPIRING: { item: (now) => ({ expiresAt: now + HOUR }) },
  API_KEY_WITH_NETWORKS: { item: () => ({ allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'] }) },
  API_KEY_WITH_SCOPE: { item: () => ({ scope: 'reports:read reports:write' }) },
  API_KEY_REPLACED_IN_GRACE: { item: (now) => ({ replacedUntil: now + HOUR }) },
  API_KEY_REPLACED: { item: (now) => ({ replacedUntil: now - 1 }) },
  API_KEY_EXPIRED: { item: (now) => ({ expiresAt: now - 1 }) },
  API_KEY_DISABLED: { item: () => ({ active: false }) },
  API_KEY_DELETED: { item: () => ({ deleted: true }) },
  API_KEY_UNKNOWN: { stored: 'not' },
  API_KEY_WITH_WRONG_SECRET: { present: (key) => withOtherSecret(key) },
  API_KEY_MISTYPED: { present: (key) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0') },
  API_KEY_OF_OTHER_ENVIRONMENT: { environment: 'test' },
  API_KEY_OF_DISABLED_USER: { userId: 'user-disabled' },
  API_KEY_OF_DELETED_USER: { userId: 'user-deleted' },
  API_KEY_OF_MISSING_USER: { userId: 'user-missing' },
  API_KEY_OF_ANOTHER_USER: { item: () => ({ userId: 'user-43' }) },
  IMPORTED_KEY: { stored: 'imported' },
  IMPORTED_KEY_UNKNOWN: { present: () => `legacy_${randomBytes(24).toString('hex')}`, stored: 'not' },
} as const satisfies Record<string, Recipe>;

export type DemoKeyName = keyof typeof RECIPES;

export const DEMO_KEY_NAMES = Object.keys(RECIPES);

export const IMPORTED_PREFIX = 'legacy_';

/** Makes the users of the demo, or makes them again what they are to be. Keys and counts of theirs stay. Ends a session. */
export async function putDemoAccounts(table: Table): Promise<void> {
  for (const account of ACCOUNTS) {
    if (await putAccountIfAbsent(table, account)) continue;
    await writeAccount(table, account.userId, {}, { deleted: undefined, ...account });
  }
  await putItem(table, revokedSessionAt('user-42', ENDED_SESSION), { notBefore: LAST_SECOND });
}

type RandomBytes = (size: number) => Buffer;

/** Bytes that are secret as the seed is, and the same each time for the same seed and name. */
export function bytesFrom(seed: Uint8Array, name: string): RandomBytes {
  let count = 0;
  return (size) => Buffer.from(hkdfSync('sha256', seed, '', `${name}/${count++}`, size));
}

/**
 * Makes a key for one case, stores what the case wants stored, and returns what the caller presents.
 *
 * @param random makes the key. The same bytes make the same key, which takes the place of the one made before.
 */
export async function makeDemoKey(
  table: Table,
  name: DemoKeyName,
  nowMs: number,
  random: RandomBytes = randomBytes,
): Promise<{ presented: string; keyId: string }> {
  const recipe: Recipe = RECIPES[name];
  const { userId = 'user-42', environment = 'live' } = recipe;
  const now = Math.floor(nowMs / 1000);
  const keyId = createKeyId(userId, random);
  const key =
    recipe.stored === 'imported'
      ? IMPORTED_PREFIX + random(24).toString('hex')
      : createApiKey({ prefix: 'gp', environment, keyId }, random);
  const changes = recipe.item?.(now) ?? {};
  const item: ApiKeyItem = {
    userId,
    name,
    environment,
    active: true,
    createdAt: now,
    ...hashesOf(key, changes),
    ...changes,
  };
  if (recipe.stored !== 'not') await putItem(table, apiKeyAt(keyId), item);
  if (recipe.stored === 'imported') {
    await putItem(table, importedAt(hashApiKey(key)), { keyId });
  }
  return { presented: recipe.present?.(key) ?? key, keyId };
}

/** A rotated key's old secret is the one presented. */
function hashesOf(key: string, changes: Partial<ApiKeyItem>): Partial<ApiKeyItem> {
  const hash = hashApiKey(key);
  return changes.replacedUntil === undefined
    ? { hash }
    : { hash: hashApiKey(randomBytes(32).toString('hex')), replacedHash: hash };
}

function withOtherSecret(key: string): string {
  const [prefix = '', environment = '', keyId = ''] = key.split('_');
  return createApiKey({ prefix, environment, keyId }, randomBytes);
}
