import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createRowReader, RowRefused, type RowRules } from '../../../../src/accounts/import/row.ts';
import { loadWords } from '../../../../src/accounts/import/words.ts';
import { fixedBytes } from '../../../support/fixed-bytes.ts';
import { leaksOf, textsOf } from '../../../support/secrets.ts';

const words = await loadWords();
const randomBytes = fixedBytes('rows');

const RULES: RowRules = { importedPrefixes: ['sk_', 'legacy-'], keyPrefix: 'gp', environment: 'live' };

const KEY = `sk_${randomBytes(24).toString('hex')}`;
const HASH = createHash('sha256').update(KEY).digest();
const HEX = HASH.toString('hex');
// Always the same, since one random one in sixty begins as a named key does.
const BASE64URL = createHash('sha256').update('').digest('base64url');

type Raw = Readonly<Record<string, unknown>>;

function parseRow(raw: Raw, rules: RowRules) {
  return createRowReader(rules, words)(raw);
}

function keyOf(raw: Raw, rules: RowRules = RULES) {
  return parseRow({ userId: 'ada', ...raw }, rules).key;
}

/** Why a line is refused. */
function whyNot(raw: Raw, rules: RowRules = RULES): string {
  try {
    parseRow(raw, rules);
  } catch (error) {
    if (error instanceof RowRefused) return error.message;
    throw error;
  }
  throw new Error('It was taken.');
}

describe('a line', () => {
  it.each(['.', '..'])('with the id %s is refused, since the sync could not ask the realm for it', (userId) => {
    expect(whyNot({ userId })).toContain('userId must not be . or ..');
  });

  it('with an id alone is a user, active and without a key', () => {
    expect(parseRow({ userId: 'ada' }, RULES)).toEqual({ userId: 'ada', userActive: true, userDeleted: false });
  });

  it('with everything is a user and a key', () => {
    const user = { userId: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };
    const key = { name: 'CI', environment: 'test', scope: 'a b' };
    const lists = { roles: 'editor viewer', networks: '192.0.2.0/24 2001:db8::/32' };
    const flags = { userActive: 'false', userDeleted: 'true', active: 'no', deleted: 'yes' };
    const times = { createdAt: '1700000000', expiresAt: '2026-11-24T08:15:30Z' };
    expect(parseRow({ ...user, ...key, ...lists, ...flags, ...times, key: KEY }, RULES)).toEqual({
      ...user,
      roles: ['editor', 'viewer'],
      userActive: false,
      userDeleted: true,
      key: {
        ...key,
        hash: HEX,
        prefix: 'sk_',
        allowedNetworks: ['192.0.2.0/24', '2001:db8::/32'],
        active: false,
        deleted: true,
        createdAt: 1_700_000_000,
        expiresAt: 1_795_508_130,
      },
    });
  });

  it('has empty cells, which count as missing', () => {
    const empty = { email: '', roles: '', userActive: '', key: '', keyHash: null, createdAt: undefined, networks: '' };
    expect(parseRow({ userId: 'ada', ...empty }, RULES)).toEqual(parseRow({ userId: 'ada' }, RULES));
  });

  it('with a key and nothing else about it is active, of the environment that is told, and named "imported"', () => {
    expect(keyOf({ key: KEY }, { ...RULES, environment: 'test' })).toEqual({
      ...{ hash: HEX, name: 'imported', environment: 'test', active: true, deleted: false, prefix: 'sk_' },
    });
  });
});

describe('the hash of a key', () => {
  it.each([
    ['hex', HEX],
    ['capital hex', HEX.toUpperCase()],
    ['base64', HASH.toString('base64')],
    ['base64 without its padding', HASH.toString('base64').replace('=', '')],
    ['base64url', HASH.toString('base64url')],
    ['base64url with padding', `${HASH.toString('base64url')}=`],
  ])('is the same in %s as that of the plain key', (_, keyHash) => {
    expect(keyOf({ keyHash })).toEqual({ ...keyOf({ key: KEY }), prefix: undefined });
  });

  it('may begin as a token does, or as a key of another system', () => {
    const rest = HASH.toString('base64url').slice(3);
    for (const start of ['eyJ', 'sk_']) expect(keyOf({ keyHash: start + rest })).toBeDefined();
  });

  it('is the same for hashes with the characters in which base64 and base64url differ', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      expect(keyOf({ keyHash: bytes.toString(encoding) })?.hash).toBe(bytes.toString('hex'));
    }
  });

  it.each([
    ['63 characters of hex', HEX.slice(1)],
    ['65 characters of hex', `${HEX}0`],
    ['a hash of another kind', createHash('sha1').update(KEY).digest('hex')],
    ['SHA-512', createHash('sha512').update(KEY).digest('hex')],
    ['42 characters of base64', HASH.toString('base64url').slice(1)],
    ['two paddings', `${HASH.toString('base64url')}==`],
    ['bcrypt', '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
  ])('is none: %s', (_, keyHash) => {
    expect(whyNot({ userId: 'ada', keyHash })).toMatch(/^keyHash is not a SHA-256 hash /);
  });
});

describe('a moment', () => {
  it.each([
    ['946684800', 946_684_800],
    ['2000-01-01', 946_684_800],
    ['1795508130', 1_795_508_130],
    [1_795_508_130, 1_795_508_130],
    ['2026-11-24', 1_795_478_400],
    ['2026-11-24T08:15:30Z', 1_795_508_130],
    ['2026-11-24T08:15:30.999Z', 1_795_508_130],
    ['2026-11-24 08:15:30.123+00', 1_795_508_130],
    ['2026-11-24T09:15:30+01:00', 1_795_508_130],
    ['9999-12-31T23:59:59Z', 253_402_300_799],
  ])('is read: %s', (value, expected) => {
    expect(keyOf({ key: KEY, createdAt: value })).toMatchObject({ createdAt: expected });
    expect(keyOf({ key: KEY, expiresAt: value })).toMatchObject({ expiresAt: expected });
  });

  it.each([
    ...['soon', '24.11.2026', '11/24/2026', '2026-11-24 soon', '-1', '1795508130.5', '12345678901', '+012026-11-24'],
    ...['Infinity', -1, 1.5],
  ])('is none: %s', (value) => {
    for (const column of ['createdAt', 'expiresAt']) {
      expect(whyNot({ userId: 'ada', key: KEY, [column]: value })).toBe(
        `${column} is neither a date (2026-11-24T08:15:30Z) nor whole epoch seconds`,
      );
    }
  });

  it.each([
    [0, /is before the year 2000: leave it out for "never" or "not known", and write a day as 2026-11-24$/],
    ['0', /is before the year 2000/],
    ['3600', /is before the year 2000/],
    ['20261124', /is before the year 2000/],
    ['946684799', /is before the year 2000/],
    ['1969-12-31', /is before the year 2000/],
    ['1999-12-31', /is before the year 2000/],
    [1_795_508_130_123, /is in milliseconds: give seconds/],
    ['1795508130123', /is in milliseconds/],
    ['2026-11-24T08:15:30', /has no time zone: say it, as 2026-11-24T08:15:30Z for UTC/],
    ['2026-11-24 08:15', /has no time zone/],
    ['2026-02-30', /is a day or a time that there is not/],
    ['2025-02-29', /is a day or a time that there is not/],
    ['2026-04-31T00:00:00Z', /is a day or a time that there is not/],
    ['2026-13-01', /is a day or a time that there is not/],
    ['2026-11-24T25:00:00Z', /is a day or a time that there is not/],
  ])('would be another than was meant: %s', (value, why) => {
    for (const column of ['createdAt', 'expiresAt']) {
      expect(whyNot({ userId: 'ada', key: KEY, [column]: value })).toMatch(why);
    }
  });

  it('of an end lies after that of the beginning', () => {
    const createdAt = 1_795_508_130;
    expect(whyNot({ userId: 'ada', key: KEY, createdAt, expiresAt: createdAt })).toBe(
      'expiresAt is not after createdAt',
    );
    expect(keyOf({ key: KEY, createdAt, expiresAt: createdAt + 1 })).toMatchObject({ expiresAt: createdAt + 1 });
  });

  it('may be the 29 February of a leap year', () => {
    expect(keyOf({ key: KEY, createdAt: '2024-02-29' })).toMatchObject({ createdAt: 1_709_164_800 });
  });
});

describe('a flag', () => {
  it.each(['true', 'TRUE', 't', 'yes', 'Yes', 'Y', '1', 1, true])('is set by %s', (flag) => {
    expect(keyOf({ key: KEY, active: flag, deleted: flag })).toMatchObject({ active: true, deleted: true });
    expect(parseRow({ userId: 'ada', userDeleted: flag }, RULES)).toMatchObject({ userDeleted: true });
  });

  it.each(['false', 'False', 'f', 'no', 'NO', 'n', '0', 0, false])('is not set by %s', (flag) => {
    expect(keyOf({ key: KEY, active: flag, deleted: flag })).toMatchObject({ active: false, deleted: false });
    expect(parseRow({ userId: 'ada', userActive: flag }, RULES)).toMatchObject({ userActive: false });
  });

  it.each(['active', 'deleted', 'userActive', 'userDeleted'])('%s is refused when it is neither', (column) => {
    for (const value of ['maybe', '2', 'enabled', 'on', 2]) {
      expect(whyNot({ userId: 'ada', key: KEY, [column]: value })).toBe(`${column} is neither true nor false`);
    }
  });
});

describe('a list', () => {
  it('is words in CSV and an array in JSON', () => {
    for (const roles of [' editor  viewer ', ['editor', 'viewer']]) {
      expect(parseRow({ userId: 'ada', roles }, RULES).roles).toEqual(['editor', 'viewer']);
    }
    expect(parseRow({ userId: 'ada', roles: ['content editor'] }, RULES).roles).toEqual(['content editor']);
  });

  it('of anything but texts is refused', () => {
    expect(whyNot({ userId: 'ada', roles: ['editor', 7] })).toBe('roles holds something that is not a text');
    expect(whyNot({ userId: 'ada', roles: { editor: true } })).toBe('roles is not a text');
  });

  it.each(['["editor","viewer"]', ' ["editor", "viewer"] ', '{editor,viewer}', '[]'])(
    'that JSON or PostgreSQL wrote into a cell is refused, or it would be one odd word: %s',
    (text) => {
      const why = 'is in brackets: separate its words by spaces, without them';
      for (const column of ['roles', 'scope', 'networks']) {
        expect(whyNot({ userId: 'ada', key: KEY, [column]: text })).toBe(`${column} ${why}`);
      }
      expect(parseRow({ userId: 'ada', roles: '[editor viewer' }, RULES).roles).toEqual(['[editor', 'viewer']);
    },
  );

  it('of networks is refused when one is no CIDR block', () => {
    for (const networks of ['192.0.2.0/24 192.0.2.1', ['everywhere'], '192.0.2.0/33']) {
      expect(whyNot({ userId: 'ada', key: KEY, networks })).toBe(
        'networks holds something that is not a CIDR block, as 192.0.2.0/24',
      );
    }
  });
});

describe('a list in JSON is as good as one in CSV', () => {
  it('so an empty one of roles is none', () => {
    expect(parseRow({ userId: 'ada', roles: [] }, RULES)).toEqual(parseRow({ userId: 'ada' }, RULES));
  });

  it('but an empty one of networks is refused: "from nowhere" would become "from anywhere"', () => {
    for (const networks of [[], ' ']) {
      expect(whyNot({ userId: 'ada', key: KEY, networks })).toMatch(/^networks is an empty list: leave it out/);
    }
  });

  it('so its texts are looked at', () => {
    for (const roles of [[''], [' editor'], ['a\u0000'], ['x'.repeat(257)]]) {
      expect(whyNot({ userId: 'ada', roles })).toMatch(/^The roles must be/);
    }
  });
});

describe('a line is refused', () => {
  it.each([
    ['without a user', { key: KEY }, /^userId is missing$/],
    ['with an empty user', { userId: '', key: KEY }, /^userId is missing$/],
    ['with a user of spaces', { userId: '  ' }, /^The userId must be/],
    ['with a user that is too long', { userId: 'x'.repeat(257) }, /^The userId must be/],
    ['with a user that is no text', { userId: { id: 7 } }, /^userId is not a text$/],
    ['with a control character', { userId: 'ada', firstName: 'A\u0000' }, /^The firstName must be/],
    ['with a column that there is not', { userId: 'ada', mail: 'x' }, /^there is no column .*use userId, email/],
    ['with a key and a hash', { userId: 'ada', key: KEY, keyHash: HEX }, /^key and keyHash are both given/],
    ['with a name that is too long', { userId: 'ada', key: KEY, name: 'x'.repeat(257) }, /^The name must be/],
    [
      'with an environment that no key has',
      { userId: 'ada', key: KEY, environment: 'Live 1' },
      /^environment is not the name of one, as live/,
    ],
    ['with a scope of two lines', { userId: 'ada', key: KEY, scope: 'a\nb' }, /^The scope must be/],
    ['with false for "no name"', { userId: 'ada', lastName: false }, /^lastName is true or false, which says nothing/],
    ['with true for a user', { userId: true }, /^userId is true or false/],
    ['with a flag for a time', { userId: 'ada', key: KEY, expiresAt: false }, /^expiresAt is true or false/],
    ['with an object for a key', { userId: 'ada', key: { secret: KEY } }, /^key is not a text$/],
  ])('%s', (_, raw, why) => {
    expect(whyNot(raw)).toMatch(why);
  });
});

describe('a plain key is refused', () => {
  it.each([
    ['that starts as ours do', `gp_live_${randomBytes(24).toString('hex')}`, /^key starts with gp_/],
    ['that starts with none of the prefixes', randomBytes(24).toString('hex'), /^key starts with none of GATEPASS_/],
    ['that can be guessed', 'sk_letmein2026pass', /^key can be guessed: about \d+ bits .*, and 128 are the least$/],
    ['with a space', `${KEY} ${KEY}`, /^key has characters that no header carries/],
    ['with a letter that is no ASCII', `${KEY}ž`, /^key has characters that no header carries/],
    ['of more than 1024 characters', `sk_${'0123456789abcdef'.repeat(64)}`, /^key has characters .* or too many$/],
  ])('%s, and the reason holds no part of it', (_, key, why) => {
    expect(whyNot({ userId: 'ada', key })).toMatch(why);
    const secret = key.replace(/^[a-z]+_(live_)?/, '');
    expect(leaksOf(secret, [whyNot({ userId: 'ada', key })])).toEqual([]);
  });

  it('as ours do even when any prefix is imported', () => {
    const rules = { ...RULES, importedPrefixes: 'any' as const };
    expect(whyNot({ userId: 'ada', key: `gp_${randomBytes(24).toString('hex')}` }, rules)).toMatch(
      /^key starts with gp_/,
    );
    expect(keyOf({ key: randomBytes(24).toString('hex') }, rules)).toBeDefined();
  });
});

it('a refusal holds the key nowhere, however it is shown and whatever else is wrong with the line', () => {
  const wrongs: readonly Raw[] = [
    { active: 'x' },
    { networks: 'x' },
    { expiresAt: 'x' },
    { keyHash: HEX },
    { mail: 'x' },
  ];
  for (const wrong of wrongs) {
    try {
      parseRow({ userId: 'ada', key: KEY, ...wrong }, RULES);
      expect.unreachable();
    } catch (error) {
      expect(leaksOf(KEY.slice(3), textsOf(error))).toEqual([]);
    }
  }
});

describe('a column that is not what it says', () => {
  const any: RowRules = { ...RULES, importedPrefixes: 'any' };

  it.each([
    ['hex', HEX],
    ['base64url', BASE64URL],
    ['base64', HASH.toString('base64')],
  ])('is key, where it holds SHA-256 hashes in %s: it says keyHash', (_, key) => {
    expect(whyNot({ userId: 'ada', key }, any)).toMatch(/^key looks like a SHA-256 hash: name the column keyHash, or/);
    expect(keyOf({ key }, { ...any, keysLikeHashes: true })).toBeDefined();
  });

  it('is not key, where it holds keys that are hashes behind a prefix', () => {
    expect(keyOf({ key: `sk_${HEX}` })).toMatchObject({ prefix: 'sk_' });
    expect(keyOf({ key: HEX }, { ...RULES, importedPrefixes: [HEX.slice(0, 2)] })).toBeDefined();
    // 43 characters, as a hash in base64 has.
    for (const start of ['sk_', 'k1_']) expect(keyOf({ key: start + HEX.slice(0, 40) }, any)).toBeDefined();
  });

  it.each([
    ['$2b$10$', '53 characters of bcrypt', randomBytes(26).toString('hex')],
    ['$argon2id$v=19$m=65536$', 'argon2', randomBytes(24).toString('base64url')],
    ['pbkdf2_sha256$260000$', 'Django', randomBytes(24).toString('hex')],
    ['sha256:', 'a mark', HEX],
    ['0x', 'a mark', HEX],
    ['\\x', "PostgreSQL's mark", HEX],
    ['{SSHA}', 'LDAP', randomBytes(28).toString('base64')],
    ['', 'SHA-512 in hex', randomBytes(64).toString('hex')],
    ['', 'SHA-512 in base64', randomBytes(64).toString('base64')],
  ])('is key, where it holds hashes of another kind: %s (%s)', (mark, _, rest) => {
    expect(whyNot({ userId: 'ada', key: mark + rest }, any)).toMatch(
      /^key looks like a hash: give the key, or its SHA-256 alone as keyHash; or give --keys-like-hashes/,
    );
    expect(keyOf({ key: mark + rest }, { ...any, keysLikeHashes: true })).toBeDefined();
  });

  it('is not key, where it holds random text as long as other hashes', () => {
    for (const bytes of [16, 20, 24, 48]) {
      expect(keyOf({ key: randomBytes(bytes).toString('hex') }, any)).toBeDefined();
      expect(keyOf({ key: `k${randomBytes(bytes).toString('base64')}` }, any)).toBeDefined();
    }
  });

  it.each(['NULL', 'null', 'None', 'undefined', '\\N', '#N/A', '#REF!', 'NaN'])(
    'is one that says nothing, or all of their users would be one: %s',
    (text) => {
      expect(whyNot({ userId: text })).toBe('userId is what programs write where there is nothing: leave it empty');
      expect(parseRow({ userId: `${text}.1` }, RULES)).toBeDefined();
    },
  );

  it.each(['="007"', "'007", '"007"', '=A1', '`007`'])('is one that a spreadsheet or a shell marked: %s', (text) => {
    const why = 'begins with a quote or an equals sign, which is not its own: export the column as plain text';
    expect(whyNot({ userId: text })).toBe(`userId ${why}`);
    expect(whyNot({ userId: 'ada', key: text + KEY }, any)).toBe(`key ${why}`);
    expect(parseRow({ userId: 'ada', lastName: "'t Hart" }, RULES)).toMatchObject({ lastName: "'t Hart" });
  });

  it.each(['1.23457E+17', '1,23E+5', '9E+20'])('is one that a spreadsheet shortened: %s', (text) => {
    expect(whyNot({ userId: text })).toBe(
      'userId is a number that a spreadsheet has shortened: export the column as text',
    );
    expect(whyNot({ userId: 'ada', key: text })).toMatch(/^key is a number that a spreadsheet has shortened/);
  });

  it('is a number that JSON does not keep', () => {
    expect(whyNot(JSON.parse('{"userId":12345678901234567890}'))).toMatch(/^userId is a number with more digits/);
    expect(parseRow({ userId: 1234 }, RULES)).toMatchObject({ userId: '1234' });
  });

  it('is one that holds a key of ours or a token', () => {
    const token = `eyJ${randomBytes(24).toString('base64url')}.e30.c2ln`;
    for (const column of ['userId', 'name', 'environment', 'scope', 'networks', 'roles', 'keyHash', 'expiresAt']) {
      expect(whyNot({ userId: 'ada', key: KEY, [column]: token })).toBe(
        `${column} holds a key or a token, whose place is the column key`,
      );
    }
  });
});

describe('a key', () => {
  it.each([
    ['ba_live_', 'ba_'],
    ['legacy-', 'legacy-'],
    ['', '*'],
    ['k1_', '*'],
  ])('that starts with %j needs %s among the imported prefixes', (start, prefix) => {
    expect(
      keyOf({ key: start + randomBytes(20).toString('hex') }, { ...RULES, importedPrefixes: 'any' }),
    ).toMatchObject({
      prefix,
    });
  });

  it('that can be guessed comes in where that is allowed, and says why', () => {
    expect(keyOf({ key: 'sk_letmein2026pass' }, { ...RULES, allowWeak: true })).toMatchObject({
      weakness: expect.stringMatching(/^about \d+ bits of words and repetitions, and 128 are the least$/),
    });
    expect(keyOf({ key: KEY }, { ...RULES, allowWeak: true })?.weakness).toBeUndefined();
  });

  it('whose line names no user belongs to the owner of all', () => {
    expect(parseRow({ key: KEY }, { ...RULES, owner: 'ada' })).toMatchObject({ userId: 'ada' });
    expect(parseRow({ userId: 'bob', key: KEY }, { ...RULES, owner: 'ada' })).toMatchObject({ userId: 'bob' });
  });
});
