import { describe, expect, it } from 'vitest';
import {
  type ApiKeyAuthenticatorParts,
  createApiKeyAuthenticator,
} from '../../../../src/authorizer/api-key/authenticate.ts';
import { type DenialReason, deny, type Trace } from '../../../../src/decision.ts';
import { Fault } from '../../../../src/fault.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { hashApiKey } from '../../../../src/key-format/hash.ts';
import type { Account, ApiKeyItem } from '../../../../src/table/items.ts';

const NOW_MS = 1_795_508_130_500;
const NOW = 1_795_508_130;

const zeros = (size: number) => new Uint8Array(size);
const KEY_ID = createKeyId('user-42', zeros);
const KEY = createApiKey({ prefix: 'gp', environment: 'live', keyId: KEY_ID }, zeros);
const OTHER_HASH = hashApiKey('another secret');

const ACCOUNT: Account = {
  userId: 'user-42',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
  roles: ['editor'],
  active: true,
};

const ITEM: ApiKeyItem = { userId: 'user-42', environment: 'live', hash: hashApiKey(KEY), active: true };

interface Given {
  readonly apiKey?: ApiKeyItem | undefined;
  readonly account?: Account | undefined;
  /** The id of the key that each hash of an imported key points to. */
  readonly imported?: Readonly<Record<string, string>>;
  /** The account that the one beside the key leads to. */
  readonly owner?: Account | undefined;
  readonly parts?: Partial<ApiKeyAuthenticatorParts>;
}

/** An authenticator over a table that holds what is given, and what was asked of that table. */
function given(facts: Given = {}) {
  const apiKey = 'apiKey' in facts ? facts.apiKey : ITEM;
  const account = 'account' in facts ? facts.account : ACCOUNT;
  const reads: string[] = [];
  const trace: Trace = { deadline: NOW_MS + 5000, tableRequests: 0 };
  const authenticate = createApiKeyAuthenticator({
    store: {
      async findApiKey(keyId, passedTrace) {
        expect(passedTrace).toBe(trace);
        reads.push(`key ${keyId}`);
        return { apiKey, account };
      },
      async findImported(hash, passedTrace) {
        expect(passedTrace).toBe(trace);
        reads.push(`imported ${hash}`);
        const keyId = facts.imported?.[hash];
        return keyId === undefined ? undefined : { keyId };
      },
      async findAccount(userId, passedTrace) {
        expect(passedTrace).toBe(trace);
        reads.push(`account ${userId}`);
        return facts.owner;
      },
    },
    now: () => NOW_MS,
    keyPrefix: 'gp',
    policyConditions: 'on',
    environment: 'live',
    importedPrefixes: [],
    ...facts.parts,
  });
  return { decide: (value: string) => authenticate(value, trace), reads, trace };
}

describe('a good key', () => {
  it('is allowed as its owner, with what the account and the key say of them', async () => {
    const { decide } = given({ apiKey: { ...ITEM, scope: 'reports:read', allowedNetworks: ['192.0.2.0/24'] } });
    expect(await decide(KEY)).toStrictEqual({
      outcome: 'allow',
      principal: {
        userId: 'user-42',
        email: 'ada@example.com',
        firstName: 'Ada',
        lastName: 'Lovelace',
        authMethod: 'api_key',
        apiKeyId: KEY_ID,
        environment: 'live',
        scope: 'reports:read',
        roles: ['editor'],
        allowedNetworks: ['192.0.2.0/24'],
        validUntil: undefined,
      },
    });
  });

  it('costs one read', async () => {
    const { decide, reads } = given();
    await decide(KEY);
    expect(reads).toStrictEqual([`key ${KEY_ID}`]);
  });

  it('leaves its id and its owner in the trace', async () => {
    const { decide, trace } = given();
    await decide(KEY);
    expect(trace).toMatchObject({ apiKeyId: KEY_ID, userId: 'user-42' });
  });

  it('is good whether `deleted` is absent or false', async () => {
    const { decide } = given({ apiKey: { ...ITEM, deleted: false }, account: { ...ACCOUNT, deleted: false } });
    expect(await decide(KEY)).toMatchObject({ outcome: 'allow' });
  });
});

describe('a value whose form rules it out', () => {
  const OF_TEST = createApiKey({ prefix: 'gp', environment: 'test', keyId: KEY_ID }, zeros);

  it.each([
    ['empty', ''],
    ['Basic credentials', 'Basic dXNlcjpwYXNz'],
    ['a bare token', 'eyJh.eyJp.c2ln'],
    ['mistyped', `${KEY.slice(0, -1)}_`],
    ['of another prefix', createApiKey({ prefix: 'xy', environment: 'live', keyId: KEY_ID }, zeros)],
    ['two keys', `${KEY},${KEY}`],
  ])('is malformed and costs no read: %s', async (_, value) => {
    const { decide, reads, trace } = given();
    expect(await decide(value)).toStrictEqual(deny('api_key.malformed'));
    expect(reads).toStrictEqual([]);
    expect(trace).not.toHaveProperty('apiKeyId');
  });

  it('is of another environment and costs no read', async () => {
    const { decide, reads } = given();
    expect(await decide(OF_TEST)).toStrictEqual(deny('api_key.environment'));
    expect(reads).toStrictEqual([]);
  });

  it('is a key of ours where that environment is the configured one', async () => {
    const { decide } = given({
      apiKey: { ...ITEM, environment: 'test', hash: hashApiKey(OF_TEST) },
      parts: { environment: 'test' },
    });
    expect(await decide(OF_TEST)).toMatchObject({ outcome: 'allow', principal: { environment: 'test' } });
  });
});

describe('a key that is refused', () => {
  interface Defect {
    readonly reason: DenialReason;
    readonly apiKey?: Partial<ApiKeyItem>;
    readonly account?: Partial<Account>;
  }
  // In the order in which they are told.
  const DEFECTS: readonly Defect[] = [
    { reason: 'api_key.leaked', apiKey: { leakedHash: hashApiKey(KEY) } },
    { reason: 'api_key.secret', apiKey: { hash: OTHER_HASH } },
    { reason: 'api_key.deleted', apiKey: { deleted: true } },
    { reason: 'api_key.inactive', apiKey: { active: false } },
    { reason: 'api_key.expired', apiKey: { expiresAt: NOW } },
    { reason: 'api_key.environment', apiKey: { environment: 'test' } },
    { reason: 'api_key.account_deleted', account: { deleted: true } },
    { reason: 'api_key.account_mismatch', account: { userId: 'user-43' } },
    { reason: 'api_key.account_disabled', account: { active: false } },
  ];

  it.each(DEFECTS)('is told $reason for that alone', async ({ reason, apiKey, account }) => {
    const { decide } = given({ apiKey: { ...ITEM, ...apiKey }, account: { ...ACCOUNT, ...account } });
    expect(await decide(KEY)).toStrictEqual({ outcome: 'deny', reason });
  });

  it.each(DEFECTS.map((defect, index) => ({ ...defect, index })))(
    'is told $reason before all that comes after it',
    async ({ reason, index }) => {
      const apiKey = { ...ITEM };
      const account = { ...ACCOUNT };
      for (const defect of DEFECTS.slice(index)) {
        Object.assign(apiKey, defect.apiKey);
        Object.assign(account, defect.account);
      }
      const { decide } = given({ apiKey, account });
      expect(await decide(KEY)).toStrictEqual({ outcome: 'deny', reason });
    },
  );

  it('is unknown when the table has no such key, whoever owned it', async () => {
    const { decide, trace } = given({ apiKey: undefined });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.unknown'));
    expect(trace).toMatchObject({ apiKeyId: KEY_ID, userId: undefined });
  });

  it('has no account when its owner has none', async () => {
    const { decide } = given({ account: undefined });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.account_missing'));
  });

  it('is told its own reason rather than that its owner has no account', async () => {
    const { decide } = given({ apiKey: { ...ITEM, active: false }, account: undefined });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.inactive'));
  });

  it.each([
    ['hash', 'api_key.secret'],
    ['active', 'api_key.inactive'],
    ['environment', 'api_key.environment'],
  ] as const)('is one whose item lacks `%s`: what is absent is not good', async (attribute, reason) => {
    const { decide } = given({ apiKey: { ...ITEM, [attribute]: undefined } });
    expect(await decide(KEY)).toStrictEqual(deny(reason));
  });

  it('is one whose account has its user id in another case', async () => {
    const { decide } = given({ account: { ...ACCOUNT, userId: 'User-42' } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.account_mismatch'));
  });

  it('is one whose account is a tombstone', async () => {
    const { decide, reads } = given({ account: { deleted: true } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.account_deleted'));
    expect(reads).toHaveLength(1);
  });

  it('is one whose account lacks `active`', async () => {
    const { decide } = given({ account: { ...ACCOUNT, active: undefined } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.account_disabled'));
  });
});

describe('a key with allowed networks, where policies have no conditions', () => {
  const parts = { policyConditions: 'off' } as const;
  const apiKey: ApiKeyItem = { ...ITEM, allowedNetworks: ['192.0.2.0/24'] };

  it('is refused, since nothing else would hold a request against them', async () => {
    expect(await given({ apiKey, parts }).decide(KEY)).toStrictEqual(deny('api_key.networks'));
  });

  it('is told what else is wrong first', async () => {
    const { decide } = given({ apiKey: { ...apiKey, active: false }, parts });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.inactive'));
  });

  it('is the only one: a key without is let in', async () => {
    expect(await given({ parts }).decide(KEY)).toMatchObject({ outcome: 'allow' });
  });
});

describe('an end', () => {
  const REPLACED: ApiKeyItem = { ...ITEM, hash: OTHER_HASH, replacedHash: hashApiKey(KEY) };

  it.each([
    ['before', NOW + 1, { outcome: 'allow', principal: { validUntil: NOW + 1 } }],
    ['at', NOW, deny('api_key.expired')],
    ['after', NOW - 1, deny('api_key.expired')],
  ])('of a key: %s the second it names', async (_, expiresAt, expected) => {
    const { decide } = given({ apiKey: { ...ITEM, expiresAt } });
    expect(await decide(KEY)).toMatchObject(expected);
  });

  it('of a key is its first millisecond, and no sooner', async () => {
    const at = (nowMs: number) =>
      given({ apiKey: { ...ITEM, expiresAt: NOW + 1 }, parts: { now: () => nowMs } }).decide(KEY);
    expect(await at((NOW + 1) * 1000 - 1)).toMatchObject({ outcome: 'allow' });
    expect(await at((NOW + 1) * 1000)).toStrictEqual(deny('api_key.expired'));
  });

  it.each([
    ['before', NOW + 1, { outcome: 'allow', principal: { validUntil: NOW + 1 } }],
    ['at', NOW, deny('api_key.replaced')],
    ['without', undefined, deny('api_key.replaced')],
  ])("of a replaced secret's grace: %s the second it names", async (_, replacedUntil, expected) => {
    const { decide } = given({ apiKey: { ...REPLACED, replacedUntil } });
    expect(await decide(KEY)).toMatchObject(expected);
  });

  it("of a replaced secret's grace says nothing of the secret that replaced it", async () => {
    const apiKey = { ...ITEM, replacedHash: OTHER_HASH, replacedUntil: NOW - 1 };
    expect(await given({ apiKey }).decide(KEY)).toMatchObject({
      outcome: 'allow',
      principal: { validUntil: undefined },
    });
  });

  it.each([
    [NOW + 10, NOW + 20],
    [NOW + 20, NOW + 10],
  ])('is the earlier one of the expiry %i and the grace %i', async (expiresAt, replacedUntil) => {
    const { decide } = given({ apiKey: { ...REPLACED, expiresAt, replacedUntil } });
    expect(await decide(KEY)).toMatchObject({ outcome: 'allow', principal: { validUntil: NOW + 10 } });
  });

  it('of a replaced secret is told before the states of the key', async () => {
    const { decide } = given({ apiKey: { ...REPLACED, replacedUntil: NOW, deleted: true } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.replaced'));
  });

  it('of grace does not make up for another reason', async () => {
    const { decide } = given({ apiKey: { ...REPLACED, replacedUntil: NOW + 9, active: false } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.inactive'));
  });
});

describe('an imported key', () => {
  const IMPORTED = 'legacy_6f1d8a';
  const imported = { [hashApiKey(IMPORTED)]: KEY_ID };
  const apiKey = { ...ITEM, hash: hashApiKey(IMPORTED) };
  const parts = { importedPrefixes: ['legacy_', 'sk-'] };

  it('is found by its hash, in two reads, and decided like any', async () => {
    const { decide, reads, trace } = given({ apiKey, imported, parts });
    expect(await decide(IMPORTED)).toMatchObject({ outcome: 'allow', principal: { apiKeyId: KEY_ID } });
    expect(reads).toStrictEqual([`imported ${hashApiKey(IMPORTED)}`, `key ${KEY_ID}`]);
    expect(trace.apiKeyId).toBe(KEY_ID);
  });

  it('is unknown when nothing points from its hash, after one read', async () => {
    const { decide, reads, trace } = given({ apiKey, parts });
    expect(await decide(IMPORTED)).toStrictEqual(deny('api_key.unknown'));
    expect(reads).toHaveLength(1);
    expect(trace).not.toHaveProperty('apiKeyId');
  });

  it('is refused when the key that is pointed to has another hash', async () => {
    const { decide } = given({ apiKey: ITEM, imported, parts });
    expect(await decide(IMPORTED)).toStrictEqual(deny('api_key.secret'));
  });

  it.each(['other_1', 'legacy_a b', 'gp_live_mistyped', `${KEY.slice(0, -1)}_`])(
    'is malformed without a read if its form rules it out: %s',
    async (value) => {
      const { decide, reads } = given({ parts });
      expect(await decide(value)).toStrictEqual(deny('api_key.malformed'));
      expect(reads).toStrictEqual([]);
    },
  );
});

describe('a key that was moved', () => {
  const LINK: Account = { deleted: true, movedTo: 'user-77' };
  const OWNER: Account = { userId: 'user-77', firstName: 'Grace', roles: ['viewer'], active: true };
  const MOVED: ApiKeyItem = { ...ITEM, userId: 'user-77' };
  const FROM = [KEY_ID.slice(0, 17)];

  it('is decided by the account that the one beside it leads to, in one more read', async () => {
    const { decide, reads, trace } = given({ apiKey: MOVED, account: LINK, owner: OWNER });
    expect(await decide(KEY)).toMatchObject({
      outcome: 'allow',
      principal: { userId: 'user-77', firstName: 'Grace', lastName: undefined, roles: ['viewer'] },
    });
    expect(reads).toStrictEqual([`key ${KEY_ID}`, 'account user-77']);
    expect(trace.userId).toBe('user-77');
  });

  it('is its new owner’s before its own item says so, if their account knows whom it was moved from', async () => {
    const { decide, trace } = given({ apiKey: ITEM, account: LINK, owner: { ...OWNER, movedFrom: FROM } });
    expect(await decide(KEY)).toMatchObject({ outcome: 'allow', principal: { userId: 'user-77' } });
    expect(trace.userId).toBe('user-77');
  });

  it.each<[string, Account | undefined, DenialReason]>([
    ['is not there', undefined, 'api_key.account_missing'],
    ['is disabled', { ...OWNER, active: false }, 'api_key.account_disabled'],
    ['is deleted', { ...OWNER, deleted: true }, 'api_key.account_deleted'],
    ['was moved on: one link is followed', { deleted: true, movedTo: 'user-78' }, 'api_key.account_deleted'],
    ['is another than its own', { ...OWNER, userId: 'user-78' }, 'api_key.account_mismatch'],
  ])('is refused when the account that is led to %s', async (_, owner, reason) => {
    const { decide } = given({ apiKey: MOVED, account: LINK, owner });
    expect(await decide(KEY)).toStrictEqual(deny(reason));
  });

  it('is refused when it has the old owner, whom the new one’s account does not know', async () => {
    const { decide } = given({ apiKey: ITEM, account: LINK, owner: { ...OWNER, movedFrom: ['0'.repeat(17)] } });
    expect(await decide(KEY)).toStrictEqual(deny('api_key.account_mismatch'));
  });

  it('between two reads is looked at once more, and no further', async () => {
    const looks = [
      { apiKey: MOVED, account: ACCOUNT },
      { apiKey: MOVED, account: LINK },
    ];
    const store = {
      findApiKey: async () => looks.shift() ?? expect.unreachable('a third look'),
      findAccount: async () => OWNER,
      findImported: async () => undefined,
    };
    expect(await given({ parts: { store } }).decide(KEY)).toMatchObject({ principal: { userId: 'user-77' } });
  });
});

describe('a table that fails', () => {
  it('is a fault and never a refusal', async () => {
    const failing = () => Promise.reject(new Fault('fault.table', 'The table could not be read.'));
    const { decide } = given({
      parts: {
        store: { findApiKey: failing, findImported: failing, findAccount: failing },
        importedPrefixes: ['legacy_'],
      },
    });
    await expect(decide(KEY)).rejects.toMatchObject({ reason: 'fault.table' });
    await expect(decide('legacy_a')).rejects.toMatchObject({ reason: 'fault.table' });
  });
});
