import { describe, expect, it } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { deleteKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { rotateKey } from '../../src/accounts/rotate-key.ts';
import { useGatepass } from '../support/gatepass.ts';
import { type MovedClock, SECOND } from '../support/moved-clock.ts';
import { useOpenedTable } from '../support/opened-table.ts';
import { bodyOf, createClient } from './support/client.ts';

const start = useGatepass();

/** The template's default. */
const TTL = 60 * SECOND;
const INVALID_KEY = { error: 'invalid_api_key', message: 'Invalid or inactive API key' };

const table = useOpenedTable();
let users = 0;

interface Life {
  readonly admin: Admin;
  readonly clock: MovedClock;
  readonly userId: string;
  create(expiresAt?: number): Promise<{ key: string; keyId: string }>;
  rotate(keyId: string, graceSeconds: number): Promise<string>;
  /** Calls the API: the status, and whether the authorizer was asked or an earlier answer used. */
  call(key: string): Promise<string>;
}

/** The commands on a table, and a gateway that caches results, in front of an authorizer on the same table. */
async function begin(): Promise<Life> {
  const { clock, authorize } = start();
  const admin = openAdmin({ table, now: clock.now });
  const client = createClient({
    clock,
    invoke: async (event) => ({ result: await authorize(event), log: [], durationMs: 0 }),
  });
  users += 1;
  const userId = `user-${users}`;
  await createAccount(admin, { userId });
  return {
    admin,
    clock,
    userId,
    async create(expiresAt) {
      const { key, item } = await createKey(admin, { userId, name: 'CI', expiresAt });
      return { key, keyId: item.keyId };
    },
    rotate: async (keyId, graceSeconds) => (await rotateKey(admin, { userId, keyId }, { graceSeconds })).key,
    async call(key) {
      const response = await client.call(key);
      if (response.status !== 200) expect(bodyOf(response)).toEqual(INVALID_KEY);
      return `${response.status} ${client.lines.at(-1)?.verdict?.source}`;
    },
  };
}

describe('a cached Allow ends with the TTL, and not later, after', () => {
  type Command = (life: Life, keyId: string) => Promise<unknown>;

  it.each<[string, Command]>([
    ['keys delete', ({ admin, userId }, keyId) => deleteKey(admin, { userId, keyId })],
    ['keys rotate without a grace', ({ rotate }, keyId) => rotate(keyId, 0)],
    ['users delete', ({ admin, userId }) => deleteAccount(admin, userId)],
  ])('%s', async (_, command) => {
    const life = await begin();
    const { clock, create, call } = life;
    const { key, keyId } = await create();
    const keptAt = clock.now();
    expect(await call(key)).toBe('200 called');
    clock.advance(10 * SECOND);
    await command(life, keyId);
    clock.moveTo(keptAt + TTL - 1);
    expect(await call(key)).toBe('200 cached');
    clock.moveTo(keptAt + TTL);
    expect(await call(key)).toBe('401 called');
  });

  it('keys rotate with a grace shorter than the TTL, when the secret was kept before the rotation', async () => {
    const { clock, create, rotate, call } = await begin();
    const { key, keyId } = await create();
    const keptAt = clock.now();
    expect(await call(key)).toBe('200 called');
    await rotate(keyId, 10);
    clock.moveTo(keptAt + TTL - 1);
    expect(await call(key)).toBe('200 cached');
    clock.moveTo(keptAt + TTL);
    expect(await call(key)).toBe('401 called');
  });
});
