import { describe, expect, it } from 'vitest';
import { disableAccount } from '../../src/accounts/account-state.ts';
import { createAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { deleteKey, disableKey, enableKey } from '../../src/accounts/key-state.ts';
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
    ['keys disable', ({ admin, userId }, keyId) => disableKey(admin, { userId, keyId })],
    ['keys delete', ({ admin, userId }, keyId) => deleteKey(admin, { userId, keyId })],
    ['keys rotate without a grace', ({ rotate }, keyId) => rotate(keyId, 0)],
    ['users disable', ({ admin, userId }) => disableAccount(admin, userId)],
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

describe('a cached Allow ends to the second, whatever is left of the TTL, with', () => {
  it('the expiry of its key', async () => {
    const { clock, create, call } = await begin();
    const end = clock.seconds() + 30;
    const { key } = await create(end);
    expect(await call(key)).toBe('200 called');
    clock.moveTo(end * SECOND - 1);
    expect(await call(key)).toBe('200 cached');
    clock.moveTo(end * SECOND);
    expect(await call(key)).toBe('401 cached');
    clock.advance(TTL);
    expect(await call(key)).toBe('401 called');
  });

  it('the grace of its secret, while the new secret goes on', async () => {
    const { clock, create, rotate, call } = await begin();
    const { key: old, keyId } = await create();
    const end = clock.seconds() + 30;
    const fresh = await rotate(keyId, 30);
    expect([await call(old), await call(fresh)]).toEqual(['200 called', '200 called']);
    clock.moveTo(end * SECOND - 1);
    expect([await call(old), await call(fresh)]).toEqual(['200 cached', '200 cached']);
    clock.moveTo(end * SECOND);
    expect([await call(old), await call(fresh)]).toEqual(['401 cached', '200 cached']);
    clock.advance(TTL);
    expect([await call(old), await call(fresh)]).toEqual(['401 called', '200 called']);
  });

  it('the expiry of its key, when the grace of its secret would go on', async () => {
    const { clock, create, rotate, call } = await begin();
    const end = clock.seconds() + 20;
    const { key: old, keyId } = await create(end);
    await rotate(keyId, 3600);
    expect(await call(old)).toBe('200 called');
    clock.moveTo(end * SECOND - 1);
    expect(await call(old)).toBe('200 cached');
    clock.moveTo(end * SECOND);
    expect(await call(old)).toBe('401 cached');
  });
});

describe('a cached Deny outlives its cause by at most the TTL, after', () => {
  it('keys enable', async () => {
    const { admin, userId, clock, create, call } = await begin();
    const { key, keyId } = await create();
    await disableKey(admin, { userId, keyId });
    const keptAt = clock.now();
    expect(await call(key)).toBe('401 called');
    await enableKey(admin, { userId, keyId });
    clock.moveTo(keptAt + TTL - 1);
    expect(await call(key)).toBe('401 cached');
    clock.moveTo(keptAt + TTL);
    expect(await call(key)).toBe('200 called');
  });
});

describe('a new key and a new secret are allowed at once', () => {
  it('since no result is cached for them', async () => {
    const { clock, create, rotate, call } = await begin();
    const { key, keyId } = await create();
    expect(await call(key)).toBe('200 called');
    clock.advance(SECOND);
    expect(await call(await rotate(keyId, 0))).toBe('200 called');
    expect(await call((await create()).key)).toBe('200 called');
  });
});
