import { randomBytes } from 'node:crypto';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import type { OwnedKey } from '../../src/accounts/api-key.ts';
import { findKeys } from '../../src/accounts/find-key.ts';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { changeKey, deleteKey, disableKey, enableKey, getKey } from '../../src/accounts/key-state.ts';
import { createKey, listExpiringKeys, listKeys } from '../../src/accounts/keys.ts';
import { type Rotation, rotateKey } from '../../src/accounts/rotate-key.ts';
import { type KeyUpdate, updateKey } from '../../src/accounts/update-key.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { accountAt, importedAt } from '../../src/table/items.ts';
import { type ApiKeyRecord, readKey, writeKey } from '../../src/table/keys.ts';
import type { Changes } from '../../src/table/write.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { HOUR, MINUTE, SECOND } from '../support/moved-clock.ts';
import { useOpenedTable } from '../support/opened-table.ts';
import { A_HASH } from '../support/secrets.ts';
import { beforeNextUpdate, losingAnswer } from '../support/table-trouble.ts';

const start = useGatepass();

const HOUR_SECONDS = 3600;
const THIRTY_DAYS = 30 * 86_400;

const table = useOpenedTable();
let users = 0;

/** The commands and the authorizer on one table and one clock, and a new user. */
interface Life extends Pick<Gatepass, 'clock'> {
  readonly admin: Admin;
  readonly userId: string;
  create(expiresAt?: number): Promise<{ key: string; keyId: string }>;
  rotate(keyId: string, rotation: Rotation): Promise<string>;
  /** What the authorizer decides on a key at this moment. */
  reason(key: string): Promise<string>;
}

async function begin(): Promise<Life> {
  const gatepass = start();
  const { clock } = gatepass;
  const admin = openAdmin({ table, now: clock.now });
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
    rotate: async (keyId, rotation) => (await rotateKey(admin, { userId, keyId }, rotation)).key,
    reason: async (key) => (await gatepass.answer(key)).log.reason,
  };
}

/** A user and a key of theirs that another system made. */
async function beginImported(): Promise<Life & { key: string; keyId: string }> {
  const life = await begin();
  const key = `legacy_${randomBytes(24).toString('hex')}`;
  async function* lines() {
    yield { number: 1, raw: { userId: life.userId, key } };
  }
  await importLines(life.admin, lines(), {
    rules: { importedPrefixes: ['legacy_'], keyPrefix: 'gp', environment: 'live' },
    concurrency: 1,
    onRefused: (_, why) => expect.unreachable(why),
  });
  const [{ keyId } = { keyId: '' }] = await listKeys(life.admin, life.userId);
  return { ...life, key, keyId };
}

/** The account and the keys of a user, as they lie in the table. */
async function storedOf(userId: string): Promise<readonly Record<string, unknown>[]> {
  const { Items = [] } = await table.client.send(
    new QueryCommand({
      TableName: table.name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': accountAt(userId).pk },
      ConsistentRead: true,
    }),
  );
  return Items;
}

async function pointerOf(key: string): Promise<Record<string, unknown> | undefined> {
  const input = { TableName: table.name, Key: importedAt(hashApiKey(key)), ConsistentRead: true };
  return (await table.client.send(new GetCommand(input))).Item;
}

/** Expects a command to be refused with a code, and to have changed nothing of the user's. */
async function expectRefusal(userId: string, command: () => Promise<unknown>, code: string): Promise<void> {
  const before = await storedOf(userId);
  await expect(command()).rejects.toMatchObject({ name: 'AdminError', code });
  expect(await storedOf(userId)).toStrictEqual(before);
}

describe('a decision follows each command at once', () => {
  it('created: allowed; disabled: refused; enabled: allowed; deleted: refused for good', async () => {
    const { admin, userId, create, reason, clock } = await begin();
    const { key, keyId } = await create();
    expect(await reason(key)).toBe('api_key.valid');
    await disableKey(admin, { userId, keyId });
    expect(await reason(key)).toBe('api_key.inactive');
    await enableKey(admin, { userId, keyId });
    expect(await reason(key)).toBe('api_key.valid');
    await deleteKey(admin, { userId, keyId });
    expect(await reason(key)).toBe('api_key.deleted');
    await expect(enableKey(admin, { userId, keyId })).rejects.toMatchObject({ code: 'key_deleted' });
    clock.advance(365 * 24 * HOUR);
    expect(await reason(key)).toBe('api_key.deleted');
  });
});

describe('a deleted key', () => {
  it('is removed by the table 30 days later, and gives its place back', async () => {
    const { admin, userId, create, clock } = await begin();
    const { keyId } = await create();
    await create();
    clock.advance(MINUTE);
    await deleteKey(admin, { userId, keyId });
    const at = clock.seconds();
    expect(await getKey({ table }, keyId)).toMatchObject({
      ...{ active: false, deleted: true, deletedAt: at, updatedAt: at, purgeAt: at + THIRTY_DAYS },
    });
    expect(await getAccount({ table }, userId)).toMatchObject({ keyCount: 1 });
  });

  it('makes room for one more and no second, though many ask at once', async () => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    for (let made = 1; made < 50; made++) await create();
    await expect(create()).rejects.toMatchObject({ code: 'too_many_keys' });
    await deleteKey(admin, { userId, keyId });
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => create()));
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(refused).toHaveLength(5);
    for (const refusal of refused) expect(refusal).toMatchObject({ code: 'too_many_keys' });
    expect(await getAccount({ table }, userId)).toMatchObject({ keyCount: 50 });
  });

  it('that another system made leaves a tombstone of its hash, which never goes', async () => {
    const { admin, userId, key, keyId, reason, clock } = await beginImported();
    expect(await reason(key)).toBe('api_key.valid');
    await deleteKey(admin, { userId, keyId });
    expect(await reason(key)).toBe('api_key.deleted');
    expect(await pointerOf(key)).toStrictEqual({
      ...{ ...importedAt(hashApiKey(key)), deleted: true, deletedAt: clock.seconds() },
    });
  });
});

describe("another user's key", () => {
  it.each<[string, (admin: Admin, key: OwnedKey) => Promise<unknown>]>([
    ['disabled', disableKey],
    ['enabled', enableKey],
    ['deleted', deleteKey],
    ['rotated', (admin, key) => rotateKey(admin, key, { graceSeconds: 0 })],
    ['updated', (admin, key) => updateKey(admin, key, { name: 'mine' })],
  ])('is not %s: it is as if it were not there', async (_, command) => {
    const [{ admin, userId, create }, other] = [await begin(), await begin()];
    const { keyId } = await create();
    await expectRefusal(userId, () => command(admin, { userId: other.userId, keyId }), 'key_not_found');
  });

  it.each<[string, (admin: Admin, key: OwnedKey) => Promise<unknown>]>([
    ['disabled', disableKey],
    ['deleted', deleteKey],
    ['rotated', (admin, key) => rotateKey(admin, key, { graceSeconds: 0 })],
  ])('is not %s, when it becomes theirs between the look at it and the write', async (_, command) => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    const giveAway = () => writeKey(table, keyId, {}, { userId: 'somebody-else' });
    await expect(beforeNextUpdate(table, giveAway, () => command(admin, { userId, keyId }))).rejects.toMatchObject({
      code: 'key_not_found',
    });
    expect(await readKey(table, keyId)).toMatchObject({ userId: 'somebody-else', active: true, deleted: false });
  });
});

describe('a change of a key', () => {
  it.each<[string, Changes<ApiKeyRecord>]>([
    ['active', { active: false }],
    ['hash', { hash: 'ab'.repeat(32) }],
    ['replacedHash', { replacedHash: 'ab'.repeat(32) }],
    ['updatedAt', { updatedAt: 1 }],
  ])('is decided anew when `%s` has changed between the look at it and the write', async (name, other) => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    const seen: unknown[] = [];
    const change = () =>
      changeKey(admin, { userId, keyId }, (record) => {
        seen.push(record[name as keyof ApiKeyRecord]);
        return { name: 'changed' };
      });
    await beforeNextUpdate(table, () => writeKey(table, keyId, {}, other), change);
    expect(seen).toHaveLength(2);
    expect(seen[0]).not.toBe(seen[1]);
    expect(seen[1]).toBe(Object.values(other)[0]);
  });

  it('is refused when the key has been deleted between the look at it and the write', async () => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    const change = () => updateKey(admin, { userId, keyId }, { name: 'changed' });
    await expect(
      beforeNextUpdate(table, () => writeKey(table, keyId, {}, { deleted: true }), change),
    ).rejects.toMatchObject({ code: 'key_deleted' });
  });
});

describe('a key that is shown', () => {
  it('never has a hash', async () => {
    const { admin, userId, rotate, key, keyId } = await beginImported();
    const shown = [
      ...(await listKeys(admin, userId)),
      await getKey(admin, keyId),
      (await disableKey(admin, { userId, keyId })).item,
      (await enableKey(admin, { userId, keyId })).item,
      (await findKeys(admin, key))[0]?.item,
      (await rotateKey(admin, { userId, keyId }, { graceSeconds: 60 })).item,
      (await createKey(admin, { userId, name: 'CI' })).item,
    ];
    await rotate(keyId, { graceSeconds: 60, discard: 'replaced' });
    shown.push((await deleteKey(admin, { userId, keyId })).item);
    for (const item of shown) expect(JSON.stringify(item)).not.toMatch(A_HASH);
    expect(shown).toHaveLength(8);
  });
});

describe('an update of a key', () => {
  it('changes what is given and nothing else, and the secret goes on', async () => {
    const { admin, userId, create, reason, clock } = await begin();
    const { key, keyId } = await create();
    const before = await readKey(table, keyId);
    clock.advance(MINUTE);
    const limits = { scope: 'reports:read', allowedNetworks: ['192.0.2.0/24'] };
    expect(await updateKey(admin, { userId, keyId }, { name: 'new name', ...limits })).toMatchObject({
      changed: true,
      item: { keyId, name: 'new name', ...limits },
    });
    expect(await readKey(table, keyId)).toStrictEqual({
      ...{ ...before, ...limits, name: 'new name', changedBy: 'operator', updatedAt: clock.seconds() },
    });
    expect(await reason(key)).toBe('api_key.valid');
    await updateKey(admin, { userId, keyId }, { scope: null, allowedNetworks: null });
    expect(await readKey(table, keyId)).toMatchObject({ name: 'new name' });
    for (const limit of Object.keys(limits)) expect(await readKey(table, keyId)).not.toHaveProperty(limit);
  });

  it('moves its end, to the millisecond, also of one that has expired', async () => {
    const { admin, userId, create, reason, clock } = await begin();
    const end = clock.seconds() + 60;
    const { key, keyId } = await create(end);
    clock.moveTo(end * SECOND);
    expect(await reason(key)).toBe('api_key.expired');
    await updateKey(admin, { userId, keyId }, { expiresAt: end + 60 });
    clock.moveTo((end + 60) * SECOND - 1);
    expect(await reason(key)).toBe('api_key.valid');
    clock.moveTo((end + 60) * SECOND);
    expect(await reason(key)).toBe('api_key.expired');
    await updateKey(admin, { userId, keyId }, { expiresAt: null });
    clock.advance(365 * 24 * HOUR);
    expect(await reason(key)).toBe('api_key.valid');
  });

  it('to what it is already changes nothing', async () => {
    const { admin, userId, create, clock } = await begin();
    const { keyId } = await create(clock.seconds() + HOUR_SECONDS);
    const before = await storedOf(userId);
    const same = { name: 'CI', expiresAt: clock.seconds() + HOUR_SECONDS, scope: '', allowedNetworks: [] };
    clock.advance(MINUTE);
    expect(await updateKey(admin, { userId, keyId }, same)).toMatchObject({ changed: false });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it.each<[string, (now: number) => KeyUpdate]>([
    ['an empty name', () => ({ name: '' })],
    ['an end that is now', (now) => ({ expiresAt: now })],
    ['an end after the year 9999', () => ({ expiresAt: 253_402_300_800 })],
    ['a network that is none', () => ({ allowedNetworks: ['192.0.2.0'] })],
    ['a scope with a control character', () => ({ scope: 'a\u0000' })],
  ])('to %s is refused', async (_, update) => {
    const { admin, userId, create, clock } = await begin();
    const { keyId } = await create();
    const command = () => updateKey(admin, { userId, keyId }, update(clock.seconds()));
    await expectRefusal(userId, command, 'invalid_input');
  });

  it('of a deleted key is refused', async () => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    await deleteKey(admin, { userId, keyId });
    await expectRefusal(userId, () => updateKey(admin, { userId, keyId }, { name: 'x' }), 'key_deleted');
  });
});

describe('the keys that end soon', () => {
  it('are those of all users within the time, its ends included, the soonest first, without deleted ones', async () => {
    const [one, two] = [await begin(), await begin()];
    const at = two.clock.seconds();
    const late = await two.create(at + HOUR_SECONDS);
    const soon = await one.create(at + 60);
    await one.create(at + HOUR_SECONDS + 1);
    await one.create();
    const deleted = await one.create(at + 60);
    await deleteKey(one.admin, { userId: one.userId, keyId: deleted.keyId });
    const ours = new Set([one.userId, two.userId]);
    const endingFrom = async (seconds: number, withinSeconds: number) => {
      const found = await listExpiringKeys({ table, now: () => seconds * SECOND }, withinSeconds);
      return found.filter(({ userId }) => ours.has(userId)).map(({ keyId }) => keyId);
    };
    expect(await endingFrom(at, HOUR_SECONDS)).toEqual([soon.keyId, late.keyId]);
    expect(await endingFrom(at, HOUR_SECONDS - 1)).toEqual([soon.keyId]);
    expect(await endingFrom(at + 60, HOUR_SECONDS - 60)).toEqual([soon.keyId, late.keyId]);
    expect(await endingFrom(at + 61, HOUR_SECONDS - 61)).toEqual([late.keyId]);
  });
});

describe('a repeated command changes nothing', () => {
  it.each([
    ['disable', [disableKey]],
    ['enable', [disableKey, enableKey]],
    ['delete', [deleteKey]],
  ])('%s', async (_, commands) => {
    const { admin, userId, create, clock } = await begin();
    const { keyId } = await create();
    for (const command of commands) expect(await command(admin, { userId, keyId })).toMatchObject({ changed: true });
    const before = await storedOf(userId);
    clock.advance(HOUR);
    const [again = disableKey] = commands.slice(-1);
    expect(await again(admin, { userId, keyId })).toMatchObject({ changed: false });
    expect(await storedOf(userId)).toStrictEqual(before);
  });

  it('disable, on a deleted key', async () => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    await deleteKey(admin, { userId, keyId });
    const before = await storedOf(userId);
    expect(await disableKey(admin, { userId, keyId })).toMatchObject({ changed: false });
    expect(await storedOf(userId)).toStrictEqual(before);
  });
});

describe('a rotation', () => {
  it('gives the same key a new secret; the old one works until the grace ends, and no longer', async () => {
    const { create, rotate, reason, clock } = await begin();
    const { key: old, keyId } = await create();
    const end = (clock.seconds() + HOUR_SECONDS) * SECOND;
    const fresh = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    expect(fresh).not.toBe(old);
    expect(fresh.split('_')[2]).toBe(keyId);
    for (const moment of [clock.now(), end - 1]) {
      clock.moveTo(moment);
      expect(await reason(fresh)).toBe('api_key.valid');
      expect(await reason(old)).toBe('api_key.valid');
    }
    clock.moveTo(end);
    expect(await reason(fresh)).toBe('api_key.valid');
    expect(await reason(old)).toBe('api_key.replaced');
  });

  it('without a grace ends the old secret at once, and the log still tells it from a guess', async () => {
    const { create, rotate, reason } = await begin();
    const { key: old, keyId } = await create();
    const fresh = await rotate(keyId, { graceSeconds: 0 });
    expect(await reason(fresh)).toBe('api_key.valid');
    expect(await reason(old)).toBe('api_key.replaced');
  });

  it("does not outlive the key's own end", async () => {
    const { create, rotate, reason, clock } = await begin();
    const end = clock.seconds() + 60;
    const { key: old, keyId } = await create(end);
    const fresh = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.moveTo(end * SECOND - 1);
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.valid', 'api_key.valid']);
    clock.moveTo(end * SECOND);
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.expired', 'api_key.expired']);
  });

  it('during a grace is refused and changes nothing, until the grace has ended', async () => {
    const { userId, create, rotate, reason, clock } = await begin();
    const { key: old, keyId } = await create();
    const end = (clock.seconds() + HOUR_SECONDS) * SECOND;
    const fresh = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.moveTo(end - 1);
    await expectRefusal(userId, () => rotate(keyId, { graceSeconds: 0 }), 'key_in_grace');
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.valid', 'api_key.valid']);
    clock.moveTo(end);
    const next = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    expect([await reason(fresh), await reason(next)]).toEqual(['api_key.valid', 'api_key.valid']);
    expect(await reason(old)).toBe('api_key.secret');
  });

  it('that discards the current secret lets the older one go on until its own grace ends', async () => {
    const { create, rotate, reason, clock } = await begin();
    const { key: first, keyId } = await create();
    const end = (clock.seconds() + HOUR_SECONDS) * SECOND;
    const second = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.advance(MINUTE);
    const third = await rotate(keyId, { graceSeconds: 24 * HOUR_SECONDS, discard: 'current' });
    clock.moveTo(end - 1);
    expect([await reason(first), await reason(second), await reason(third)]).toEqual([
      ...['api_key.valid', 'api_key.secret', 'api_key.valid'],
    ]);
    clock.moveTo(end);
    expect([await reason(first), await reason(third)]).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it('that discards the replaced secret ends it at once and begins a new grace', async () => {
    const { create, rotate, reason, clock } = await begin();
    const { key: first, keyId } = await create();
    const second = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.advance(MINUTE);
    const end = (clock.seconds() + HOUR_SECONDS) * SECOND;
    const third = await rotate(keyId, { graceSeconds: HOUR_SECONDS, discard: 'replaced' });
    clock.moveTo(end - 1);
    expect([await reason(first), await reason(second), await reason(third)]).toEqual([
      ...['api_key.secret', 'api_key.valid', 'api_key.valid'],
    ]);
    clock.moveTo(end);
    expect([await reason(second), await reason(third)]).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it.each(['current', 'replaced'] as const)(
    'told to discard the %s secret outside a grace is like any',
    async (which) => {
      const { create, rotate, reason } = await begin();
      const { key: old, keyId } = await create();
      const fresh = await rotate(keyId, { graceSeconds: HOUR_SECONDS, discard: which });
      expect([await reason(old), await reason(fresh)]).toEqual(['api_key.valid', 'api_key.valid']);
    },
  );

  it('of an expired key is refused from its end on, and not a second before', async () => {
    const { userId, create, rotate, clock } = await begin();
    const end = clock.seconds() + 60;
    const { keyId } = await create(end);
    clock.moveTo(end * SECOND - 1);
    await rotate(keyId, { graceSeconds: 0 });
    clock.moveTo(end * SECOND);
    await expectRefusal(userId, () => rotate(keyId, { graceSeconds: 0 }), 'key_expired');
  });

  it.each([
    ['disabled', disableKey, 'key_not_active'],
    ['deleted', deleteKey, 'key_deleted'],
  ])('of a %s key is refused', async (_, end, code) => {
    const { admin, userId, create, rotate } = await begin();
    const { keyId } = await create();
    await end(admin, { userId, keyId });
    await expectRefusal(userId, () => rotate(keyId, { graceSeconds: 0 }), code);
  });

  it('without a grace that discards the current secret contradicts itself, in a grace or not', async () => {
    const { userId, create, rotate } = await begin();
    const { keyId } = await create();
    const contradiction = { graceSeconds: 0, discard: 'current' } as const;
    await expectRefusal(userId, () => rotate(keyId, contradiction), 'invalid_input');
    await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    await expectRefusal(userId, () => rotate(keyId, contradiction), 'invalid_input');
  });

  it('of a key that is not said to be active is refused', async () => {
    const { userId, create, rotate } = await begin();
    const { keyId } = await create();
    await writeKey(table, keyId, {}, { active: undefined });
    await expectRefusal(userId, () => rotate(keyId, { graceSeconds: 0 }), 'key_not_active');
  });

  it('of a key that is disabled between the look at it and the write, in the same second, is refused', async () => {
    const { admin, userId, create, rotate } = await begin();
    const { key, keyId } = await create();
    const disable = () => disableKey(admin, { userId, keyId });
    await expect(beforeNextUpdate(table, disable, () => rotate(keyId, { graceSeconds: 0 }))).rejects.toMatchObject({
      code: 'key_not_active',
    });
    expect((await readKey(table, keyId))?.hash).toBe(hashApiKey(key));
  });

  it('of a key that is not there is refused', async () => {
    const { userId, rotate } = await begin();
    await expectRefusal(userId, () => rotate('0'.repeat(28), { graceSeconds: 0 }), 'key_not_found');
  });

  it('whose grace would end after the year 9999 is refused', async () => {
    const { userId, create, rotate } = await begin();
    const { keyId } = await create();
    await expectRefusal(userId, () => rotate(keyId, { graceSeconds: 253_402_300_799 }), 'invalid_input');
  });

  it.each([
    ['with a grace', HOUR_SECONDS, undefined],
    ['without a grace', 0, undefined],
    ['that discard the current secret', HOUR_SECONDS, 'current'],
    ['that discard the replaced secret', HOUR_SECONDS, 'replaced'],
    ['that discard the replaced secret, without a grace', 0, 'replaced'],
  ] as const)('ten at once %s: one wins, whose secret works, and nine are told', async (_, graceSeconds, discard) => {
    const { create, rotate, reason } = await begin();
    const { keyId } = await create();
    if (discard !== undefined) await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => rotate(keyId, { graceSeconds, discard })),
    );
    const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    expect(won.map(hashApiKey)).toEqual([(await readKey(table, keyId))?.hash]);
    expect(await reason(won[0] ?? '')).toBe('api_key.valid');
    expect(lost).toHaveLength(9);
    for (const refusal of lost) expect(refusal).toMatchObject({ code: 'key_rotated' });
  });
});

describe('a count of keys', () => {
  it('counts a place once, though the answer was lost and the write repeated', async () => {
    const { admin, userId, create } = await begin();
    await create();
    const { keyId } = await losingAnswer(table, 1, () => create());
    expect(await getAccount(admin, userId)).toMatchObject({ keyCount: 2 });
    // The first update marks the key, the second counts it out.
    await losingAnswer(table, 2, () => deleteKey(admin, { userId, keyId }));
    expect(await getAccount(admin, userId)).toMatchObject({ keyCount: 1 });
  });

  it('loses the place of a key whose deletion was done, though its answer was lost', async () => {
    const { admin, userId, create } = await begin();
    const { keyId } = await create();
    expect(await losingAnswer(table, 1, () => deleteKey(admin, { userId, keyId }))).toMatchObject({ changed: true });
    expect(await getAccount(admin, userId)).toMatchObject({ keyCount: 0 });
  });

  it('still counts each of many at once', async () => {
    const { admin, userId, create } = await begin();
    const made = await Promise.all(Array.from({ length: 12 }, () => create()));
    expect(await getAccount(admin, userId)).toMatchObject({ keyCount: 12 });
    await Promise.all(made.slice(0, 7).map(({ keyId }) => deleteKey(admin, { userId, keyId })));
    expect(await getAccount(admin, userId)).toMatchObject({ keyCount: 5 });
  });
});

describe('a rotation whose answer is lost on its way', () => {
  it.each([
    [HOUR_SECONDS, undefined, 'api_key.valid'],
    [0, undefined, 'api_key.replaced'],
    [HOUR_SECONDS, 'current', 'api_key.valid'],
    [HOUR_SECONDS, 'replaced', 'api_key.valid'],
  ] as const)('is done once, with %i s of grace and discarding %s', async (graceSeconds, discard, expected) => {
    const { clock, create, rotate, reason } = await begin();
    const { key: first, keyId } = await create();
    const second = discard === undefined ? first : await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.advance(MINUTE);
    const fresh = await losingAnswer(table, 1, () => rotate(keyId, { graceSeconds, discard }));
    expect(await reason(fresh)).toBe('api_key.valid');
    expect(await reason(discard === 'current' ? first : second)).toBe(expected);
  });
});

it('a deleted key is said to be deleted, though it was in grace', async () => {
  const { admin, userId, create, rotate } = await begin();
  const { keyId } = await create();
  await rotate(keyId, { graceSeconds: HOUR_SECONDS });
  await deleteKey(admin, { userId, keyId });
  await expectRefusal(userId, () => rotate(keyId, { graceSeconds: HOUR_SECONDS }), 'key_deleted');
});

it('a whole key that is given for an id is not repeated', async () => {
  const { create } = await begin();
  const { key } = await create();
  const refusal: unknown = await getKey({ table }, key).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'key_not_found' });
  expect(String(refusal)).not.toContain(key.slice(-20));
});

describe('a rotation of an imported key', () => {
  it('makes it one of ours; what it was works on in grace', async () => {
    const { key: old, keyId, rotate, reason, clock } = await beginImported();
    const end = clock.seconds() + HOUR_SECONDS;
    const fresh = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    expect(fresh).toMatch(new RegExp(`^gp_live_${keyId}_`));
    clock.moveTo(end * SECOND - 1);
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.valid', 'api_key.valid']);
    clock.moveTo(end * SECOND);
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it('without a grace ends what it was at once', async () => {
    const { key: old, keyId, rotate, reason } = await beginImported();
    const fresh = await rotate(keyId, { graceSeconds: 0 });
    expect([await reason(old), await reason(fresh)]).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it('that discards it during its grace ends it at once', async () => {
    const { key: old, keyId, rotate, reason, clock } = await beginImported();
    const second = await rotate(keyId, { graceSeconds: HOUR_SECONDS });
    clock.advance(MINUTE);
    await rotate(keyId, { graceSeconds: HOUR_SECONDS, discard: 'replaced' });
    expect([await reason(old), await reason(second)]).toEqual(['api_key.secret', 'api_key.valid']);
  });
});

describe('a count of keys that a cut-off command left wrong', () => {
  it('is put right by a list, once it has been at rest for a minute', async () => {
    const { admin, userId, create, clock } = await begin();
    const { keyId } = await create();
    await create();
    const outage = new Error('cut off');
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (request) => {
          if (commandName === 'UpdateItemCommand' && JSON.stringify(request).includes('keyCount')) throw outage;
          return next(request);
        },
      { name: 'outage', step: 'initialize' },
    );
    await deleteKey(admin, { userId, keyId })
      .catch((error: unknown) => expect(error).toBe(outage))
      .finally(() => table.client.middlewareStack.remove('outage'));
    clock.advance(MINUTE - 1);
    await listKeys(admin, userId);
    expect(await getAccount({ table }, userId)).toMatchObject({ keyCount: 2 });
    clock.advance(SECOND);
    await listKeys(admin, userId);
    expect(await getAccount({ table }, userId)).toMatchObject({ keyCount: 1 });
  });
});
