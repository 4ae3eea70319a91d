import { describe, expect, it } from 'vitest';
import {
  accountLocator,
  apiKeyPattern,
  createApiKey,
  createKeyId,
  findApiKey,
  findKeyStart,
  importedKeyId,
  isKeyId,
  locatorOf,
  parseApiKey,
} from '../../../src/key-format/format.ts';

/** What stands in for randomness, and the key that user-42 gets of it. Computed apart from this code. */
const VECTORS = [
  {
    name: 'zeros',
    randomBytes: (size: number) => new Uint8Array(size),
    keyId: '0i5T1SDDFrAIMls9v00000000000',
    key: 'gp_live_0i5T1SDDFrAIMls9v00000000000_00000000000000000000000000000000000000000000cG1F0',
    otherKey: 'acme2_test1_0i5T1SDDFrAIMls9v00000000000_00000000000000000000000000000000000000000003AQ6N2',
  },
  {
    name: 'the bytes 0, 1, 2, …',
    randomBytes: (size: number) => Uint8Array.from({ length: size }, (_, index) => index),
    keyId: '0i5T1SDDFrAIMls9v001IYT0XLWR',
    key: 'gp_live_0i5T1SDDFrAIMls9v001IYT0XLWR_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1qGSPp',
    otherKey: 'acme2_test1_0i5T1SDDFrAIMls9v001IYT0XLWR_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf4Hc2MF',
  },
  {
    name: 'ones',
    randomBytes: (size: number) => new Uint8Array(size).fill(255),
    keyId: '0i5T1SDDFrAIMls9vLygHa16AHYF',
    key: 'gp_live_0i5T1SDDFrAIMls9vLygHa16AHYF_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp134N9a1',
    otherKey: 'acme2_test1_0i5T1SDDFrAIMls9vLygHa16AHYF_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp10miIe7',
  },
] as const;

const [, { key: KEY, keyId: KEY_ID, randomBytes }] = VECTORS;

/** A key with a right checksum whose parts may be wrong. */
function keyOf(parts: { prefix?: string; environment?: string; keyId?: string }): string {
  return createApiKey({ prefix: 'gp', environment: 'live', keyId: KEY_ID, ...parts }, randomBytes);
}

describe('an API key', () => {
  it.each(VECTORS)('made of $name is always the same', ({ randomBytes, keyId, key, otherKey }) => {
    expect(createKeyId('user-42', randomBytes)).toBe(keyId);
    expect(createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes)).toBe(key);
    expect(createApiKey({ prefix: 'acme2', environment: 'test1', keyId }, randomBytes)).toBe(otherKey);
  });

  it.each(VECTORS)('made of $name is read as what it was made for', ({ keyId, key, otherKey }) => {
    expect(parseApiKey(key, 'gp')).toStrictEqual({ environment: 'live', keyId });
    expect(parseApiKey(otherKey, 'acme2')).toStrictEqual({ environment: 'test1', keyId });
  });

  it('takes 32 random bytes for its secret and 8 for its id', () => {
    const sizes: number[] = [];
    const counting = (size: number) => {
      sizes.push(size);
      return randomBytes(size);
    };
    createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('user-42', counting) }, counting);
    expect(sizes).toStrictEqual([8, 32]);
  });

  it('is not one when any one of its characters is another', () => {
    for (let index = 0; index < KEY.length; index++) {
      for (const other of ['0', 'a', 'Z', '_', '-']) {
        if (KEY[index] === other) continue;
        const mistyped = KEY.slice(0, index) + other + KEY.slice(index + 1);
        expect(parseApiKey(mistyped, 'gp'), mistyped).toBeUndefined();
      }
    }
  });

  it('is not one when two neighbouring characters are exchanged', () => {
    for (let index = 1; index < KEY.length; index++) {
      const [before, after] = [KEY.charAt(index - 1), KEY.charAt(index)];
      if (before === after) continue;
      const mistyped = KEY.slice(0, index - 1) + after + before + KEY.slice(index + 1);
      expect(parseApiKey(mistyped, 'gp'), mistyped).toBeUndefined();
    }
  });

  it('is not one when a character is missing or added', () => {
    for (let index = 0; index <= KEY.length; index++) {
      const added = `${KEY.slice(0, index)}0${KEY.slice(index)}`;
      expect(parseApiKey(added, 'gp'), added).toBeUndefined();
      const missing = KEY.slice(0, index) + KEY.slice(index + 1);
      if (missing !== KEY) expect(parseApiKey(missing, 'gp'), missing).toBeUndefined();
    }
  });

  it.each(['', ' ', 'gp', 'gp_', 'gp_live', 'gp_live__', ` ${KEY}`, `${KEY} `, `${KEY}\n`, `${KEY}\n${KEY}`])(
    'is not the value %j',
    (value) => {
      expect(parseApiKey(value, 'gp')).toBeUndefined();
    },
  );

  it('is not one of another prefix, even with a right checksum', () => {
    for (const prefix of ['g', 'gpx', 'gp2', 'ap']) {
      expect(parseApiKey(KEY, prefix)).toBeUndefined();
      expect(parseApiKey(keyOf({ prefix }), 'gp')).toBeUndefined();
      expect(parseApiKey(keyOf({ prefix }), prefix)).toStrictEqual({ environment: 'live', keyId: KEY_ID });
    }
  });

  it.each(['a', 'a0', 'gp2x'])('may have the prefix %s', (prefix) => {
    expect(parseApiKey(keyOf({ prefix }), prefix)).toBeDefined();
  });

  it.each(['', 'GP', '2gp', 'g-p', 'g_p', 'é'])('may not have the prefix %j', (prefix) => {
    expect(parseApiKey(keyOf({ prefix }), prefix)).toBeUndefined();
  });

  it.each(['l', 'live', '0', 'test1', '2prod'])('may have the environment %s', (environment) => {
    expect(parseApiKey(keyOf({ environment }), 'gp')).toStrictEqual({ environment, keyId: KEY_ID });
  });

  it.each(['', 'LIVE', 'Live', 'li-ve', 'li_ve', 'live ', 'é'])('may not have the environment %j', (environment) => {
    expect(parseApiKey(keyOf({ environment }), 'gp')).toBeUndefined();
  });

  it.each([27, 29])('may not have an id of %i characters', (length) => {
    expect(parseApiKey(keyOf({ keyId: KEY_ID.padEnd(29, '0').slice(0, length) }), 'gp')).toBeUndefined();
  });

  it.each([' gp', '\ngp', '_gp', '-gp', 'x-gp', 'GPgp'])(
    'is not one behind something else, even with a right checksum: %j',
    (prefix) => {
      expect(parseApiKey(keyOf({ prefix }), 'gp')).toBeUndefined();
    },
  );

  it('is not one before something else, even with a right checksum', () => {
    const [, , , secret] = KEY.split('_');
    for (const separator of ['_', ' ', '\n', '\n_']) {
      expect(parseApiKey(keyOf({ keyId: `${KEY_ID}_${secret}${separator}` }), 'gp')).toBeUndefined();
    }
  });
});

describe('the published pattern', () => {
  const whole = (prefix?: string) => new RegExp(`^${apiKeyPattern(prefix)}$`);

  it.each(VECTORS)('matches a key made of $name whole, of its own prefix and of any', ({ key, otherKey }) => {
    expect(key).toMatch(whole('gp'));
    expect(key).toMatch(whole());
    expect(otherKey).toMatch(whole('acme2'));
    expect(otherKey).toMatch(whole());
    expect(otherKey).not.toMatch(whole('gp'));
  });

  it('matches nothing longer or shorter by a character, wherever it is added or missing', () => {
    const body = KEY.indexOf('_', 'gp_'.length) + 1; // the prefix and the environment may be of any length
    for (let index = body; index <= KEY.length; index++) {
      expect(`${KEY.slice(0, index)}x${KEY.slice(index)}`).not.toMatch(whole('gp'));
      if (index < KEY.length) expect(KEY.slice(0, index) + KEY.slice(index + 1)).not.toMatch(whole('gp'));
    }
  });

  it('finds a key in a text', () => {
    const text = `curl -H "Authorization: Bearer ${KEY}" https://api.example.com`;
    expect(new RegExp(apiKeyPattern('gp')).exec(text)?.[0]).toBe(KEY);
    expect(new RegExp(apiKeyPattern()).exec(text)?.[0]).toBe(KEY);
  });
});

describe('a text', () => {
  it('shows a whole key in it, and its id', () => {
    expect(findApiKey(`curl -H "Authorization: Bearer ${KEY}" -v`)).toStrictEqual({ key: KEY, keyId: KEY_ID });
    expect(findApiKey(KEY.slice(0, -1))).toBeUndefined();
  });

  it('shows where a key starts that is cut off', () => {
    const start = { index: 5, prefix: 'gp', rest: KEY_ID.slice(0, 9) };
    expect(findKeyStart(`key: gp_live_${KEY_ID.slice(0, 9)}…`)).toStrictEqual(start);
    expect(findKeyStart('gp_live_')).toStrictEqual({ index: 0, prefix: 'gp', rest: '' });
    expect(findKeyStart('gp_live')).toBeUndefined();
  });
});

describe('a key id', () => {
  it.each(VECTORS)('is $keyId, and nothing longer, shorter or around it', ({ keyId }) => {
    expect(isKeyId(keyId)).toBe(true);
    for (const other of ['', keyId.slice(1), `${keyId}0`, ` ${keyId}`, `${keyId}\n`, `${keyId.slice(1)}-`]) {
      expect(isKeyId(other), other).toBe(false);
    }
  });

  it('of an imported key is the same each time, and another for another owner or hash', () => {
    // Computed apart from this code.
    expect(importedKeyId('user-42', 'ab'.repeat(32))).toBe('0i5T1SDDFrAIMls9vCagSOzQoQmO');
    expect(importedKeyId('user-43', 'ab'.repeat(32))).not.toBe('0i5T1SDDFrAIMls9vCagSOzQoQmO');
    expect(importedKeyId('user-42', 'ac'.repeat(32))).not.toBe('0i5T1SDDFrAIMls9vCagSOzQoQmO');
  });
});

describe('the account locator', () => {
  it.each([
    ['user-42', '0i5T1SDDFrAIMls9v'],
    ['user-132', '00Rxf4VzCpUMODQJE'],
    ['f47ac10b-58cc-4372-a567-0e02b2c3d479', '0venIUTFqDNtsWC5w'],
    ['Zoë', '1HwmOyPAeVK1RouZj'],
    ['', '1TdzhjIkRmS9BzrgW'],
  ])('of %j is always %s', (userId, locator) => {
    expect(accountLocator(userId)).toBe(locator);
  });

  it('is the first part of each key id of its user', () => {
    for (const { randomBytes } of VECTORS) {
      expect(locatorOf(createKeyId('user-132', randomBytes))).toBe(accountLocator('user-132'));
    }
  });

  it('differs between user ids that differ only in case', () => {
    expect(accountLocator('User-42')).not.toBe(accountLocator('user-42'));
  });
});
