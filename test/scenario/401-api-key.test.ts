import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { accountAt, apiKeyAt, importedAt } from '../../src/table/items.ts';
import { loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { type Refusal, type Refusals, testRefusals } from '../support/refusals.ts';
import { makeKey, withOtherSecret } from '../support/seed.ts';

const start = useGatepass();

describe('401: API key', () => {
  const refusals: Refusals<'api_key'> = {
    'api_key.malformed': [
      unasked('refuses basic credentials', () => loadEvent('basic-credentials')),
      unasked('refuses a good token without its scheme', ({ realm }) => realm.token()),
      unasked('refuses a mistyped character', ({ seed }) => goodKey(seed).then((key) => mistype(key))),
      unasked('refuses a key with a character too many', ({ seed }) => goodKey(seed).then((key) => `${key}0`)),
      unasked('refuses a key with a character too few', ({ seed }) => goodKey(seed).then((key) => key.slice(0, -1))),
      unasked(
        'refuses two keys joined by a space',
        async ({ seed }) => `${await goodKey(seed)} ${await goodKey(seed)}`,
      ),
      unasked('refuses another prefix', async ({ seed }) => {
        return (await seed.keyNamed(await seed.user(), { prefix: 'ak' })).key;
      }),
      {
        ...unasked('never looks up as imported what starts like a key of ours', async ({ seed }) => {
          return (await seed.importedKey(await seed.user(), `gp_${randomBytes(24).toString('hex')}`)).key;
        }),
        env: { GATEPASS_IMPORTED_PREFIXES: '*' },
      },
      {
        ...unasked('looks up no imported key of more than 1024 characters', async ({ seed }) => {
          return (await seed.importedKey(await seed.user(), 'k'.repeat(1025))).key;
        }),
        env: { GATEPASS_IMPORTED_PREFIXES: '*' },
      },
      {
        ...unasked('looks up no imported key with a space in it', async ({ seed }) => {
          return (await seed.importedKey(await seed.user(), 'legacy_one two')).key;
        }),
      },
      unasked('looks up no key that starts with no imported prefix', async ({ seed }) => {
        return (await seed.importedKey(await seed.user(), `other_${randomBytes(24).toString('hex')}`)).key;
      }),
    ],
    'api_key.unknown': [
      once('refuses a key that is not in the table', async ({ seed }) => makeKey(await seed.user()).key),
      once('refuses a key that was removed', async ({ seed }) => {
        const { key, keyId } = await seed.key(await seed.user());
        await seed.remove(apiKeyAt(keyId));
        return key;
      }),
      once('refuses an imported key that is not in the table', () => `legacy_${randomBytes(24).toString('hex')}`),
      {
        guarantee: 'refuses an imported key that points to no key',
        present: async ({ seed }) => {
          const { key, keyId } = await seed.importedKey(await seed.user(), `legacy_${randomBytes(24).toString('hex')}`);
          await seed.remove(apiKeyAt(keyId));
          return key;
        },
        tableRequests: 2,
      },
    ],
    'api_key.secret': [
      once('refuses another secret of the same key id', async ({ seed }) =>
        withOtherSecret(await seed.key(await seed.user())),
      ),
      once('refuses a key whose item has no hash', async ({ seed }) => keyWith(seed, { hash: undefined })),
      {
        guarantee: 'refuses an imported key that points to a key with another hash',
        present: async ({ seed }) => {
          const imported = await seed.importedKey(await seed.user(), `legacy_${randomBytes(24).toString('hex')}`);
          await seed.change(apiKeyAt(imported.keyId), 'hash', hashApiKey('another'));
          return imported.key;
        },
        tableRequests: 2,
      },
    ],
    'api_key.leaked': [
      once('refuses a secret that was found in public, though its key was enabled since', async ({ seed }) => {
        const { key, keyId } = await seed.key(await seed.user());
        await seed.change(apiKeyAt(keyId), 'leakedHash', hashApiKey(key));
        return key;
      }),
    ],
    'api_key.replaced': [
      once('refuses a replaced secret from the second that ends its grace', ({ seed, clock }) =>
        replacedKey(seed, { replacedUntil: clock.seconds() }),
      ),
      once('refuses a replaced secret that was given no grace', ({ seed }) => replacedKey(seed, {})),
    ],
    'api_key.deleted': [
      once('refuses a deleted key', ({ seed }) => keyWith(seed, { deleted: true })),
      once('refuses an imported key of whose hash a tombstone is left', async ({ seed }) => {
        const { key } = await seed.importedKey(await seed.user(), `legacy_${randomBytes(24).toString('hex')}`);
        await seed.remove(importedAt(hashApiKey(key)));
        await seed.change(importedAt(hashApiKey(key)), 'deleted', true);
        return key;
      }),
      once('says deleted of a key that is inactive too', ({ seed }) => keyWith(seed, { deleted: true, active: false })),
    ],
    'api_key.inactive': [
      once('refuses a disabled key', ({ seed }) => keyWith(seed, { active: false })),
      once('refuses a key that is not said to be active', ({ seed }) => keyWith(seed, { active: undefined })),
    ],
    'api_key.expired': [
      once('refuses a key from the second that it expires', ({ seed, clock }) =>
        keyWith(seed, { expiresAt: clock.seconds() }),
      ),
    ],
    'api_key.environment': [
      unasked('refuses a good key of another environment by its name', async ({ seed }) => {
        return (await seed.keyNamed(await seed.user(), { environment: 'test' })).key;
      }),
      once('refuses a key whose item is of another environment', ({ seed }) => keyWith(seed, { environment: 'test' })),
      once('refuses a key whose item is of no environment', ({ seed }) => keyWith(seed, { environment: undefined })),
    ],
    'api_key.networks': [
      {
        ...once('refuses a key with networks where no policy can hold requests against them', ({ seed }) =>
          keyWith(seed, { allowedNetworks: ['192.0.2.0/24'] }),
        ),
        env: { GATEPASS_POLICY_CONDITIONS: 'off' },
      },
    ],
    'api_key.account_missing': [
      once('refuses a good key whose owner has no account', async ({ seed }) => {
        const userId = await seed.user();
        await seed.remove(accountAt(userId));
        return (await seed.key(userId)).key;
      }),
    ],
    'api_key.account_mismatch': [
      {
        guarantee: "refuses a key that names another user than its account's, after a second look",
        present: ({ seed }) => keyWith(seed, { userId: 'user-of-another-account' }),
        tableRequests: 2,
      },
    ],
    'api_key.account_deleted': [
      once('refuses a good key of a deleted account', ({ seed }) => keyOf(seed, { deleted: true })),
      once('refuses a good key beside the tombstone of an account', async ({ seed }) => {
        const userId = await seed.user();
        const { key } = await seed.key(userId);
        await seed.remove(accountAt(userId));
        await seed.change(accountAt(userId), 'deleted', true);
        return key;
      }),
      once('says deleted of an account that is disabled too', ({ seed }) =>
        keyOf(seed, { deleted: true, active: false }),
      ),
    ],
    'api_key.account_disabled': [
      once('refuses a good key of a disabled account', ({ seed }) => keyOf(seed, { active: false })),
      once('refuses a good key of an account that is not said to be active', ({ seed }) =>
        keyOf(seed, { active: undefined }),
      ),
    ],
  };
  testRefusals('api_key', refusals, 'invalid_api_key', start);

  it("refuses an imported key as its owner's others: expired, disabled, deleted, another environment", async () => {
    const { seed, answer, clock } = start();
    const userId = await seed.user();
    const changes = {
      'api_key.expired': { expiresAt: clock.seconds() },
      'api_key.inactive': { active: false },
      'api_key.deleted': { deleted: true },
      'api_key.environment': { environment: 'test' },
    };
    for (const [reason, change] of Object.entries(changes)) {
      const { key } = await seed.importedKey(userId, `legacy_${randomBytes(24).toString('hex')}`, change);
      expect((await answer(key)).log).toMatchObject({ reason, tableRequests: 2 });
    }
  });

  it('tells none of two callers more than the other: all refused keys get the same answer', async () => {
    const { seed, answer } = start();
    const bad = [
      'Basic dXNlcjpwYXNz',
      makeKey('user-1').key,
      await keyWith(seed, { active: false }),
      await keyOf(seed, { deleted: true }),
    ];
    const answers = [];
    for (const key of bad) answers.push((await answer(key)).result);
    expect(new Set(answers.map((result) => JSON.stringify(result))).size).toBe(1);
  });

  it('is not led to another item by a pointer that was tampered with', async () => {
    const { seed, answer } = start();
    const victim = await seed.key(await seed.user());
    const stolen = `legacy_${randomBytes(24).toString('hex')}`;
    await seed.importedKey(await seed.user(), stolen);
    await seed.change(importedAt(hashApiKey(stolen)), 'keyId', victim.keyId);

    expect((await answer(stolen)).log.reason).toBe('api_key.secret');
  });
});

type Present = Refusal['present'];
type Seed = Gatepass['seed'];

function unasked(guarantee: string, present: Present): Refusal {
  return { guarantee, present, tableRequests: 0 };
}

function once(guarantee: string, present: Present): Refusal {
  return { guarantee, present, tableRequests: 1 };
}

async function goodKey(seed: Seed): Promise<string> {
  return (await seed.key(await seed.user())).key;
}

async function keyWith(seed: Seed, change: Readonly<Record<string, unknown>>): Promise<string> {
  return (await seed.key(await seed.user(), change)).key;
}

async function keyOf(seed: Seed, change: Readonly<Record<string, unknown>>): Promise<string> {
  return (await seed.key(await seed.user(change))).key;
}

/** The old secret of a key that was rotated. */
async function replacedKey(seed: Seed, change: Readonly<Record<string, unknown>>): Promise<string> {
  const { key, keyId } = await seed.key(await seed.user(), { hash: hashApiKey('the new secret'), ...change });
  await seed.change(apiKeyAt(keyId), 'replacedHash', hashApiKey(key));
  return key;
}

function mistype(key: string): string {
  return key.replace(/.(?=.{20}$)/, (character) => (character === 'x' ? 'y' : 'x'));
}
