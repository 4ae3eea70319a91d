import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { createKeyId } from '../../../src/key-format/format.ts';
import {
  accountAt,
  accountBeside,
  accountSchema,
  apiKeyAt,
  apiKeySchema,
  importedAt,
  pointerSchema,
} from '../../../src/table/items.ts';

const LOCATOR = '0i5T1SDDFrAIMls9v'; // of user-42
const KEY_ID = `${LOCATOR}00000000000`;
const HASH = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const LAST_SECOND = 253_402_300_799; // 9999-12-31T23:59:59Z

describe('the place', () => {
  it('of an account follows from its user id', () => {
    expect(accountAt('user-42')).toStrictEqual({ pk: `account#${LOCATOR}`, sk: 'account' });
  });

  it('of a key and of its account follows from the key id alone, and is one partition', () => {
    expect(apiKeyAt(KEY_ID)).toStrictEqual({ pk: `account#${LOCATOR}`, sk: `key#${KEY_ID}` });
    expect(accountBeside(KEY_ID)).toStrictEqual({ pk: `account#${LOCATOR}`, sk: 'account' });
  });

  it("of an account is the same from its user's id and from a key id of theirs", () => {
    const keyId = createKeyId('user-132', (size) => new Uint8Array(size).fill(7));
    expect(accountBeside(keyId)).toStrictEqual(accountAt('user-132'));
  });

  it('of an imported key follows from its hash', () => {
    expect(importedAt(HASH)).toStrictEqual({ pk: `imported#${HASH}`, sk: 'key' });
  });
});

it('a key is not readable without its user id; what is left of a deleted account is', () => {
  expect(v.is(apiKeySchema, {})).toBe(false);
  expect(v.is(accountSchema, { deleted: true, deletedAt: 1_795_508_130 })).toBe(true);
});

describe.each([
  ['an account', accountSchema],
  ['a key', apiKeySchema],
] as const)('%s', (_, schema) => {
  const isReadable = (item: unknown) => v.is(schema, item);

  it('is readable with nothing but its user id', () => {
    expect(isReadable({ userId: 'user-42' })).toBe(true);
  });

  it.each([null, '', 7, 'a\n', '\u0000', 'a\u007f', '\u009fa'])('is not readable with the user id %j', (userId) => {
    expect(isReadable({ userId })).toBe(false);
  });

  it.each([undefined, null, 'x', 5])('is not readable when it is %j', (item) => {
    expect(isReadable(item)).toBe(false);
  });

  it('may have other attributes, which are passed over', () => {
    const item = { userId: 'user-42', pk: 'account#x', sk: 'account', plan: 'gold', nested: { a: [1] } };
    expect(v.parse(schema, item)).toStrictEqual({ userId: 'user-42' });
  });

  it.each(['active', 'deleted'])('is not readable when `%s` is no boolean', (attribute) => {
    for (const value of ['true', 1, 0, null, '', []]) {
      expect(isReadable({ userId: 'u', [attribute]: value })).toBe(false);
    }
  });

  it.each(['createdAt', 'updatedAt'])('has in `%s` whole epoch seconds up to the year 9999', (attribute) => {
    for (const value of [0, 1_795_508_130, LAST_SECOND]) {
      expect(isReadable({ userId: 'u', [attribute]: value })).toBe(true);
    }
    for (const value of [-1, 0.5, LAST_SECOND + 1, Number.NaN, Number.POSITIVE_INFINITY, '1795508130', null]) {
      expect(isReadable({ userId: 'u', [attribute]: value })).toBe(false);
    }
  });
});

describe('an account', () => {
  const isReadable = (attributes: object) => v.is(accountSchema, { userId: 'u', ...attributes });

  it.each(['email', 'firstName', 'lastName'])('is not readable when `%s` is no text', (attribute) => {
    expect(isReadable({ [attribute]: 'x' })).toBe(true);
    for (const value of [5, null, ['x'], true]) expect(isReadable({ [attribute]: value })).toBe(false);
  });

  it('has roles that are a list of texts', () => {
    expect(isReadable({ roles: [] })).toBe(true);
    expect(isReadable({ roles: ['editor'] })).toBe(true);
    for (const roles of ['editor', [5], [null], { 0: 'editor' }, null]) expect(isReadable({ roles })).toBe(false);
  });

  it('has a number of keys', () => {
    expect(isReadable({ keyCount: 50 })).toBe(true);
    expect(isReadable({ keyCount: '50' })).toBe(false);
  });
});

describe('a key', () => {
  const isReadable = (attributes: object) => v.is(apiKeySchema, { userId: 'u', ...attributes });

  it.each(['hash', 'replacedHash'])('has in `%s` a SHA-256 in lower-case hex', (attribute) => {
    expect(isReadable({ [attribute]: HASH })).toBe(true);
    for (const value of [
      '',
      HASH.toUpperCase(),
      HASH.slice(1),
      `${HASH}0`,
      `${HASH}\n`,
      `g${HASH.slice(1)}`,
      5,
      null,
    ]) {
      expect(isReadable({ [attribute]: value })).toBe(false);
    }
  });

  it.each(['expiresAt', 'replacedUntil', 'purgeAt'])(
    'has in `%s` whole epoch seconds up to the year 9999',
    (attribute) => {
      for (const value of [0, LAST_SECOND]) expect(isReadable({ [attribute]: value })).toBe(true);
      for (const value of [-1, 1.5, LAST_SECOND + 1, '1795508130', null]) {
        expect(isReadable({ [attribute]: value })).toBe(false);
      }
    },
  );

  it.each(['name', 'environment', 'scope'])('is not readable when `%s` is no text', (attribute) => {
    expect(isReadable({ [attribute]: 'x' })).toBe(true);
    for (const value of [5, null, ['x'], true]) expect(isReadable({ [attribute]: value })).toBe(false);
  });

  it('has networks that are a list of texts and not empty, which would deny everything or nothing', () => {
    expect(isReadable({ allowedNetworks: ['192.0.2.0/24'] })).toBe(true);
    for (const allowedNetworks of [[], '192.0.2.0/24', [5], null]) expect(isReadable({ allowedNetworks })).toBe(false);
  });
});

describe('a pointer', () => {
  it('names a key by an id of 28 characters; an old one has its account too, which is passed over', () => {
    expect(v.is(pointerSchema, { keyId: KEY_ID })).toBe(true);
    expect(v.is(pointerSchema, { account: LOCATOR, keyId: KEY_ID })).toBe(true);
  });

  it('of a deleted key has no id, and says that it is deleted', () => {
    expect(v.is(pointerSchema, { deleted: true, deletedAt: 1_795_508_130 })).toBe(true);
  });

  it.each([{ deleted: 'yes' }, { keyId: `${KEY_ID}x` }, { keyId: KEY_ID.slice(1) }, { keyId: 28 }])(
    'is not readable as %j',
    (item) => {
      expect(v.is(pointerSchema, item)).toBe(false);
    },
  );
});
