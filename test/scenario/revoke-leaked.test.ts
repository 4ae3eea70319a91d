import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAccount } from '../../src/accounts/accounts.ts';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { importLines } from '../../src/accounts/import/import-lines.ts';
import { deleteKey, disableKey, enableKey } from '../../src/accounts/key-state.ts';
import { createKey, listKeys } from '../../src/accounts/keys.ts';
import type { LeakedKey } from '../../src/accounts/leak/leaked-key.ts';
import { type LeakOptions, revokeLeaked } from '../../src/accounts/leak/revoke-leaked.ts';
import { changeOwnKey, rotateOwnKey } from '../../src/accounts/own-keys.ts';
import { type Rotation, rotateKey } from '../../src/accounts/rotate-key.ts';
import { updateKey } from '../../src/accounts/update-key.ts';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { readKey, writeKey } from '../../src/table/keys.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { MINUTE, SECOND } from '../support/moved-clock.ts';
import { useOpenedTable } from '../support/opened-table.ts';
import { A_HASH } from '../support/secrets.ts';
import { beforeNextUpdate, losingAnswer } from '../support/table-trouble.ts';

const start = useGatepass();
const table = useOpenedTable();
let users = 0;

const HOUR_SECONDS = 3600;

/** A key with its owner, the authorizer, and what finds leaked keys, on one table and one clock. */
interface Scene extends Pick<Gatepass, 'clock'> {
  readonly admin: Admin;
  readonly owned: { readonly userId: string; readonly keyId: string };
  readonly key: string;
  rotate(rotation: Rotation): Promise<string>;
  revoke(text: string | Buffer, options?: LeakOptions): Promise<Found>;
  /** What the authorizer decides on each key at this moment. */
  reasons(...keys: readonly string[]): Promise<readonly string[]>;
}

type Found = Awaited<ReturnType<typeof revokeLeaked>> & { readonly keys: readonly LeakedKey[] };

async function begin(expiresIn?: number): Promise<Scene> {
  const gatepass = start();
  const { clock } = gatepass;
  const admin = openAdmin({ table, now: clock.now });
  users += 1;
  const userId = `user-${users}`;
  await createAccount(admin, { userId });
  const expiresAt = expiresIn && clock.seconds() + expiresIn;
  const { key, item } = await createKey(admin, { userId, name: 'CI', expiresAt });
  const owned = { userId, keyId: item.keyId };
  return {
    ...{ admin, clock, owned, key },
    rotate: async (rotation) => (await rotateKey(admin, owned, rotation)).key,
    revoke: (text, options) => revokeIn(admin, [Buffer.from(text)], options),
    reasons: (...keys) => Promise.all(keys.map(async (each) => (await gatepass.answer(each)).log.reason)),
  };
}

async function revokeIn(admin: Admin, chunks: readonly Buffer[], options?: LeakOptions): Promise<Found> {
  const keys: LeakedKey[] = [];
  async function* input() {
    yield* chunks;
  }
  const report = await revokeLeaked(admin, input(), { ...options, onFound: (found) => keys.push(found) });
  expect(report.keysFound).toBe(keys.length);
  return { ...report, keys };
}

async function givenImported({ admin, owned: { userId } }: Scene, key: string): Promise<void> {
  async function* lines() {
    yield { number: 1, raw: { userId, key } };
  }
  await importLines(admin, lines(), {
    rules: { importedPrefixes: ['legacy_'], keyPrefix: 'gp', environment: 'live' },
    concurrency: 1,
    onRefused: (_, why) => expect.unreachable(why),
  });
}

const newImported = () => `legacy_${randomBytes(24).toString('hex')}`;

describe('the current secret of a key', () => {
  it('is dead from the next decision on, and stays so whoever enables the key', async () => {
    const { admin, owned, key, clock, revoke, reasons } = await begin();
    const { keys, reads } = await revoke(`curl -H "Authorization: ${key}"`, { where: 'https://paste.example/1' });
    expect(keys).toMatchObject([
      {
        ...{ secret: 'current', wasLive: true, done: 'disabled', where: 'https://paste.example/1' },
        item: {
          ...{ ...owned, active: false, disabledBy: 'leak', changedBy: 'operator' },
          ...{ leakedAt: clock.seconds(), leakedWhere: 'https://paste.example/1', updatedAt: clock.seconds() },
        },
      },
    ]);
    expect(reads).toBe(1);
    expect(await reasons(key)).toEqual(['api_key.leaked']);

    await expect(enableKey(admin, owned)).rejects.toMatchObject({ code: 'key_leaked' });
    await expect(changeOwnKey(admin, owned, { active: true }, 1)).rejects.toMatchObject({ code: 'disabled_by_other' });
    await writeKey(table, owned.keyId, {}, { active: true, disabledBy: undefined });
    expect(await reasons(key)).toEqual(['api_key.leaked']);
  });

  it.each<[string, (scene: Scene, rotation: Rotation) => Promise<{ key: string }>]>([
    ['an operator', ({ admin, owned }, rotation) => rotateKey(admin, owned, rotation)],
    ['its owner', ({ admin, owned }, rotation) => rotateOwnKey(admin, owned, rotation)],
  ])('is replaced by a rotation of %s, which enables the key and gives it no grace', async (_, rotate) => {
    const scene = await begin();
    const { key, owned, revoke, reasons, clock } = scene;
    await revoke(key);
    const { key: second } = await rotate(scene, { graceSeconds: HOUR_SECONDS });
    expect(await reasons(key, second)).toEqual(['api_key.leaked', 'api_key.valid']);
    expect(await readKey(table, owned.keyId)).toMatchObject({ active: true, replacedUntil: clock.seconds() });
    expect(await readKey(table, owned.keyId)).not.toHaveProperty('disabledBy');

    // The next one leaks as well: neither comes back.
    await revoke(second);
    const { key: third } = await rotate(scene, { graceSeconds: HOUR_SECONDS });
    expect(await reasons(key, second, third)).toEqual(['api_key.secret', 'api_key.leaked', 'api_key.valid']);
  });

  it('can be deleted with its key instead', async () => {
    const { key, owned, revoke, reasons } = await begin();
    const { keys } = await revoke(key, { action: 'delete' });
    expect(keys).toMatchObject([{ wasLive: true, done: 'deleted', item: { deleted: true, disabledBy: 'leak' } }]);
    expect(await readKey(table, owned.keyId)).toMatchObject({ deleted: true, active: false });
    expect(await reasons(key)).toEqual(['api_key.leaked']);
  });

  it('of a key that has expired is marked too, since its end can be moved', async () => {
    const { admin, key, owned, clock, revoke, reasons } = await begin(60);
    clock.advance(60 * SECOND - 1);
    expect((await revoke(key, { dryRun: true })).keys).toMatchObject([{ wasLive: true }]);
    clock.advance(1);
    expect((await revoke(key)).keys).toMatchObject([{ wasLive: false, done: 'disabled' }]);
    await updateKey(admin, owned, { expiresAt: null });
    expect(await reasons(key)).toEqual(['api_key.leaked']);
  });

  it('of a key that its owner had disabled is taken out of their hands', async () => {
    const { admin, owned, key, revoke } = await begin();
    await disableKey(admin, owned, 'user');
    expect((await revoke(key)).keys).toMatchObject([{ wasLive: false, done: 'marked', item: { disabledBy: 'leak' } }]);
    await expect(enableKey(admin, owned, 'user')).rejects.toMatchObject({ code: 'disabled_by_other' });
  });

  it('of a key that an operator had disabled is marked, and its owner brings it back by nothing', async () => {
    const { admin, owned, key, revoke, rotate, reasons } = await begin();
    await disableKey(admin, owned);
    expect((await revoke(key)).keys).toMatchObject([
      { wasLive: false, done: 'marked', item: { active: false, disabledBy: 'operator' } },
    ]);
    await expect(rotateOwnKey(admin, owned, { graceSeconds: 0 })).rejects.toMatchObject({ code: 'disabled_by_other' });
    await expect(enableKey(admin, owned)).rejects.toMatchObject({ code: 'key_leaked' });
    expect(await reasons(key, await rotate({ graceSeconds: 0 }))).toEqual(['api_key.leaked', 'api_key.valid']);
  });

  it('of a key that is off is marked, also when an earlier one was', async () => {
    const { admin, owned, key, rotate, revoke, reasons } = await begin();
    await revoke(key);
    const second = await rotate({ graceSeconds: 0 });
    await disableKey(admin, owned);
    expect((await revoke(second)).keys).toMatchObject([{ done: 'marked' }]);
    expect(await reasons(key, second)).toEqual(['api_key.replaced', 'api_key.leaked']);
  });

  it('of a key that is not said to be active is marked', async () => {
    const { owned, key, revoke } = await begin();
    await writeKey(table, owned.keyId, {}, { active: undefined });
    expect((await revoke(key)).keys).toMatchObject([{ wasLive: false, done: 'marked' }]);
  });

  it('can be replaced by its owner, though the key was enabled by hand', async () => {
    const { admin, owned, key, revoke, reasons } = await begin();
    await revoke(key);
    await writeKey(table, owned.keyId, {}, { active: true, disabledBy: undefined });
    const { key: second } = await rotateOwnKey(admin, owned, { graceSeconds: 0 });
    expect(await reasons(key, second)).toEqual(['api_key.leaked', 'api_key.valid']);
  });

  it('is none of a key without a secret, which can be enabled as ever', async () => {
    const { admin, owned } = await begin();
    await writeKey(table, owned.keyId, {}, { hash: undefined, active: false });
    expect(await enableKey(admin, owned)).toMatchObject({ changed: true });
  });

  it('is disabled once more when the key was enabled by hand', async () => {
    const { owned, key, revoke } = await begin();
    await revoke(key);
    await writeKey(table, owned.keyId, {}, { active: true, disabledBy: undefined });
    expect((await revoke(key)).keys).toMatchObject([{ done: 'disabled', item: { active: false, disabledBy: 'leak' } }]);
  });
});

describe('a secret that a rotation replaced', () => {
  it('ends with its grace, now, and the key stays', async () => {
    const { key, rotate, revoke, reasons, clock } = await begin();
    const second = await rotate({ graceSeconds: HOUR_SECONDS });
    clock.advance(MINUTE);
    expect(await reasons(key, second)).toEqual(['api_key.valid', 'api_key.valid']);
    expect((await revoke(key)).keys).toMatchObject([
      {
        ...{ secret: 'replaced', wasLive: true, done: 'grace_ended' },
        item: { active: true, replacedUntil: clock.seconds(), leakedAt: clock.seconds() },
      },
    ]);
    expect(await reasons(key, second)).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it('is found beside the current one, in either order', async () => {
    for (const order of [0, 1]) {
      const { key, rotate, revoke, reasons } = await begin();
      const secrets = [key, await rotate({ graceSeconds: HOUR_SECONDS })];
      const { keys } = await revoke((order === 0 ? secrets : secrets.toReversed()).join('\n'));
      expect(keys.map(({ secret }) => secret).toSorted()).toEqual(['current', 'replaced']);
      expect(await reasons(...secrets)).toEqual(['api_key.replaced', 'api_key.leaked']);
    }
  });

  it('goes on in its grace when the newer one leaked and is rotated, unless there is to be no grace', async () => {
    for (const [graceSeconds, expected] of [
      [HOUR_SECONDS, 'api_key.valid'],
      [0, 'api_key.secret'],
    ] as const) {
      const { key, rotate, revoke, reasons } = await begin();
      const second = await rotate({ graceSeconds: HOUR_SECONDS });
      await revoke(second);
      expect(await reasons(key)).toEqual(['api_key.inactive']);
      const third = await rotate({ graceSeconds });
      expect(await reasons(key, second, third)).toEqual([expected, 'api_key.leaked', 'api_key.valid']);
    }
  });
});

describe('a secret that was dead already', () => {
  it.each<[string, (scene: Scene) => Promise<string>]>([
    [
      'whose grace is over',
      async ({ key, rotate, clock }) => {
        await rotate({ graceSeconds: 60 });
        clock.advance(MINUTE);
        return key;
      },
    ],
    [
      'whose grace the end of its key cut short',
      async ({ admin, owned, key, rotate, clock }) => {
        await rotate({ graceSeconds: HOUR_SECONDS });
        await updateKey(admin, owned, { expiresAt: clock.seconds() + 60 });
        clock.advance(MINUTE);
        return key;
      },
    ],
    [
      'of two rotations ago',
      async ({ key, rotate }) => {
        await rotate({ graceSeconds: 0 });
        await rotate({ graceSeconds: 0 });
        return key;
      },
    ],
    [
      'of a deleted key',
      async ({ admin, owned, key }) => {
        await deleteKey(admin, owned);
        return key;
      },
    ],
    [
      'that was made up for an id',
      async ({ owned: { keyId } }) => createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes),
    ],
  ])('changes nothing, and is told: %s', async (_, make) => {
    const scene = await begin();
    const secret = await make(scene);
    const before = await readKey(table, scene.owned.keyId);
    const { keys } = await scene.revoke(secret, { action: 'delete', where: 'https://x' });
    expect(keys).toMatchObject([{ wasLive: false, done: 'nothing', item: { keyId: scene.owned.keyId } }]);
    expect(await readKey(table, scene.owned.keyId)).toStrictEqual(before);
  });

  it('is one that was reported: a repeat changes nothing', async () => {
    const { key, owned, revoke, clock } = await begin();
    await revoke(key, { where: 'https://first' });
    const before = await readKey(table, owned.keyId);
    clock.advance(MINUTE);
    expect((await revoke(key, { where: 'https://second' })).keys).toMatchObject([
      { secret: 'current', wasLive: false, done: 'nothing' },
    ]);
    expect(await readKey(table, owned.keyId)).toStrictEqual(before);
  });
});

describe('a dry run', () => {
  it('says what would be done, and changes nothing', async () => {
    const { key, owned, rotate, revoke } = await begin();
    const second = await rotate({ graceSeconds: HOUR_SECONDS });
    const before = await readKey(table, owned.keyId);
    expect((await revoke(`${key} ${second}`, { dryRun: true })).keys).toMatchObject([
      { wasLive: true, done: 'grace_ended', item: { active: true } },
      { wasLive: true, done: 'disabled', item: { active: true } },
    ]);
    expect((await revoke(second, { dryRun: true, action: 'delete' })).keys).toMatchObject([{ done: 'deleted' }]);
    expect(await readKey(table, owned.keyId)).toStrictEqual(before);
  });
});

describe('what is no key of this table', () => {
  it('costs no look-up if its checksum is wrong, and one if it is right', async () => {
    const { admin, key, revoke } = await begin();
    const foreign = createApiKey(
      { prefix: 'gp', environment: 'live', keyId: createKeyId('nobody', admin.randomBytes) },
      admin.randomBytes,
    );
    const mistyped = key.slice(0, -1) + (key.endsWith('a') ? 'b' : 'a');
    expect(await revoke(`${mistyped} ${foreign} ${foreign} ${mistyped}`)).toMatchObject({
      ...{ keys: [], reads: 1, lookAlikes: 2, unknownKeys: 1, isComplete: true },
    });
  });

  it('may be so much that the look-ups end, which is told', async () => {
    const scene = await begin();
    const foreign = Array.from({ length: 3 }, () =>
      createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('nobody', randomBytes) }, randomBytes),
    );
    const text = [...foreign, scene.key].join('\n');
    expect(await scene.revoke(text, { maxReads: 3 })).toMatchObject({ keys: [], reads: 3, isComplete: false });
    expect(await scene.revoke(text, { maxReads: 4 })).toMatchObject({ keys: [{}], reads: 4, isComplete: true });
  });
});

describe('a text that is compressed', () => {
  it.each<[string, Buffer]>([
    ['gzip', gzipSync('x')],
    ['zip', Buffer.from('504b030414000000', 'hex')],
    ['zstd', Buffer.from('28b52ffd04', 'hex')],
    ['xz', Buffer.from('fd377a585a000004', 'hex')],
    ['7z', Buffer.from('377abcaf271c0004', 'hex')],
    ['bzip2', Buffer.from('425a6839314159265359', 'hex')],
  ])('is refused, since no key can be seen in it: %s', async (kind, bytes) => {
    const { admin } = await begin();
    for (const chunks of [[bytes], [...bytes].map((byte) => Buffer.from([byte]))]) {
      const refused = { code: 'invalid_input', message: expect.stringContaining(`compressed (${kind})`) };
      await expect(revokeIn(admin, chunks)).rejects.toMatchObject(refused);
    }
  });

  it('is told from one that only begins with its letters, or holds it', async () => {
    const { key, revoke } = await begin();
    for (const before of ['PK', 'BZh9', '7z', ' ']) {
      const text = Buffer.concat([Buffer.from(before), gzipSync('x'), Buffer.from(key)]);
      expect(await revoke(text)).toMatchObject({ keysFound: 1 });
    }
  });
});

describe('a key that another system made', () => {
  it('is found by its prefix, at two look-ups, and by a pattern', async () => {
    const scene = await begin();
    const [first, second] = [newImported(), newImported()];
    await givenImported(scene, first);
    await givenImported(scene, second);
    expect(await scene.revoke(first)).toMatchObject({ keys: [], reads: 0 });
    expect(await scene.revoke(`key=${first}.`, { importedPrefixes: ['legacy_'] })).toMatchObject({
      keys: [{ secret: 'current', wasLive: true, done: 'disabled' }],
    });
    const importedPattern = /legacy_[0-9a-f]{48}/;
    expect(await scene.revoke(second, { importedPrefixes: 'any', importedPattern })).toMatchObject({
      keys: [{ secret: 'current', wasLive: true, done: 'disabled' }],
      reads: 2,
    });
    expect(await scene.reasons(first, second)).toEqual(['api_key.leaked', 'api_key.leaked']);
  });

  it('and was deleted is told as dead, though only its hash is left', async () => {
    const scene = await begin();
    const key = newImported();
    await givenImported(scene, key);
    const keyIds = (await listKeys(scene.admin, scene.owned.userId)).map(({ keyId }) => keyId);
    const keyId = keyIds.find((each) => each !== scene.owned.keyId) ?? '';
    await deleteKey(scene.admin, { userId: scene.owned.userId, keyId });
    const { keys, reads } = await scene.revoke(key, { importedPrefixes: ['legacy_'], where: 'https://x' });
    expect(keys).toStrictEqual([{ secret: 'ended', wasLive: false, done: 'nothing', where: 'https://x' }]);
    expect(reads).toBe(1);
  });
});

describe('where a key was found', () => {
  it('is what a scanner says, behind what is told, without the key', async () => {
    const { key, owned, revoke } = await begin();
    const report = JSON.stringify([{ File: `keys/${key}.txt`, StartLine: 7, Commit: 'abc', Secret: key }]);
    const where = `https://github.com/acme/app keys/gp_live_${owned.keyId}_….txt:7 (commit abc)`;
    expect((await revoke(report, { where: 'https://github.com/acme/app' })).keys).toMatchObject([{ where }]);
    expect(await readKey(table, owned.keyId)).toMatchObject({ leakedWhere: where });
  });

  it('has no control characters, whatever a file is called', async () => {
    const { key, revoke } = await begin();
    const { keys } = await revoke(JSON.stringify({ File: 'a\u001b[2J\n.ts', Secret: key }));
    expect(keys).toMatchObject([{ where: 'a[2J.ts' }]);
  });

  it('is the address alone if the scanner has one, cut where it is long', async () => {
    const { key, revoke } = await begin();
    const url = `https://x/${'y'.repeat(300)}`;
    const { keys } = await revoke(JSON.stringify({ token: key, url }), { where: 'https://z' });
    expect(keys).toMatchObject([{ where: url.slice(0, 256) }]);
  });
});

describe('a key that is changed meanwhile', () => {
  it('is judged anew: a secret that has just been replaced is dead by that', async () => {
    const { key, owned, rotate, revoke, reasons } = await begin();
    let second = '';
    const meanwhile = async () => {
      second = await rotate({ graceSeconds: HOUR_SECONDS });
    };
    const { keys } = await beforeNextUpdate(table, meanwhile, () => revoke(key));
    expect(keys).toMatchObject([{ secret: 'replaced', done: 'grace_ended', item: { keyId: owned.keyId } }]);
    expect(await reasons(key, second)).toEqual(['api_key.replaced', 'api_key.valid']);
  });

  it('by an operator who enables it in the same second, is not alive by that', async () => {
    const { admin, key, owned, revoke, reasons } = await begin();
    await disableKey(admin, owned);
    await expect(
      beforeNextUpdate(
        table,
        () => revoke(key),
        () => enableKey(admin, owned),
      ),
    ).rejects.toMatchObject({
      code: 'key_leaked',
    });
    expect(await reasons(key)).toEqual(['api_key.leaked']);
  });

  it('and whose answer is lost is told once', async () => {
    const { key, revoke } = await begin();
    expect((await losingAnswer(table, 1, () => revoke(key))).keys).toMatchObject([{ wasLive: true, done: 'disabled' }]);
  });
});

describe('a long text', () => {
  it('holds its keys whatever the chunks are that it comes in', async () => {
    const { admin, key, revoke } = await begin();
    const text = Buffer.from(`${'x'.repeat(20_000)} ${key} ${'y'.repeat(30_000)}`);
    for (const size of [1, 97, 4096, 20_030, 65_536]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, n) =>
        text.subarray(n * size, (n + 1) * size),
      );
      const { keys, bytes } = await revokeIn(admin, chunks, { dryRun: true });
      expect(keys).toHaveLength(1);
      expect(bytes).toBe(text.length);
    }
    expect((await revoke(Buffer.from(key, 'utf16le'))).keys).toHaveLength(1);
  });

  it('that cannot be read to its end has ended the keys up to there, and told them', async () => {
    const { admin, key, reasons } = await begin();
    const told: LeakedKey[] = [];
    async function* input() {
      yield Buffer.from(`${key}${' '.repeat(100_000)}`);
      yield Buffer.from('x'.repeat(100_000));
      throw new Error('the pipe broke');
    }
    await expect(revokeLeaked(admin, input(), { onFound: (found) => told.push(found) })).rejects.toThrow('pipe broke');
    expect(told).toMatchObject([{ done: 'disabled' }]);
    expect(await reasons(key)).toEqual(['api_key.leaked']);
  });
});

it('no secret and no hash is given out', async () => {
  const { key, revoke } = await begin();
  const { keys } = await revoke(key);
  expect(JSON.stringify(keys)).not.toMatch(A_HASH);
  expect(JSON.stringify(keys)).not.toContain(key.slice(-20));
  expect(JSON.stringify(keys)).not.toContain(hashApiKey(key));
});
