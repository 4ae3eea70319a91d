import { describe, expect, it, vi } from 'vitest';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { logLine, metricDirective } from '../../src/log-line.ts';
import { createRedact, holdsCredential, redactCredentials } from '../../src/redact.ts';
import { fixedBytes } from '../support/fixed-bytes.ts';
import { leaksOf } from '../support/secrets.ts';

const randomBytes = fixedBytes('redact');

const keyId = createKeyId('user-42', randomBytes);
const key = createApiKey({ prefix: 'gp', environment: 'live', keyId }, randomBytes);
const secret = key.slice(key.lastIndexOf('_') + 1);
const jwt = [{ alg: 'RS256', kid: 'a' }, { sub: 'user-42' }, 'a signature']
  .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
  .join('.');
const imported = `sk_${randomBytes(24).toString('hex')}`;

describe('a key of ours', () => {
  it.each([
    ['alone', (text: string) => text],
    ['behind a scheme', (text: string) => `Authorization: Bearer ${text}`],
    ['in JSON', (text: string) => JSON.stringify({ userId: text })],
    ['in a list', (text: string) => `a,${text},b`],
    ['in a URL', (text: string) => `https://api.example.com/?key=${text}&a=b`],
    ['twice', (text: string) => `${text} ${text}`],
  ])('%s is shown by its id alone', (_, inText) => {
    expect(redactCredentials(inText(key))).toBe(inText(`gp_live_${keyId}_…`));
  });

  it('of any prefix and environment, mistyped or cut off after its id, is shown by its id alone', () => {
    expect(redactCredentials(key.replace('gp_live', 'acme_test'))).toBe(`acme_test_${keyId}_…`);
    expect(redactCredentials(`${key}x`)).toBe(`gp_live_${keyId}_…`);
    expect(redactCredentials(`gp_live_${keyId}_${secret.slice(0, 1)}`)).toBe(`gp_live_${keyId}_…`);
  });

  it('without its beginning is shown by what there is of its id', () => {
    for (const start of [keyId, keyId.slice(1), keyId.slice(-1)]) {
      expect(redactCredentials(`no user ${start}_${secret}: create one`)).toBe(`no user ${start}_…: create one`);
    }
    expect(redactCredentials(`sha_${'0'.repeat(48)}, sha_${'0'.repeat(64)}`)).toBe(
      `sha_${'0'.repeat(48)}, sha_${'0'.repeat(64)}`,
    );
  });

  it('wrapped into two lines is shown by its id alone, or by the end of it', () => {
    for (const end of ['\n', '\r\n', '\n    ']) {
      const wrap = (at: number) => key.slice(0, at) + end + key.slice(at);
      for (const at of [-1, -20, -48])
        expect(redactCredentials(`'${wrap(at)}' is bad`)).toBe(`'gp_live_${keyId}_…' is bad`);
      expect(leaksOf(secret, [redactCredentials(wrap(20))])).toEqual([]);
    }
    expect(redactCredentials(`${key}\nNothing was changed.`)).toBe(`gp_live_${keyId}_…\nNothing was changed.`);
  });

  it('is not in its id: that stays as it is', () => {
    for (const text of [keyId, `gp_live_${keyId}`, `gp_live_${keyId}_`]) expect(redactCredentials(text)).toBe(text);
  });
});

describe('a password in a URL', () => {
  it.each([
    ['https://ada:hunter2@id.example.com/realms/main', 'https://…@id.example.com/realms/main'],
    ['http://:hunter2@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ["'https://ada:p%40ss:word@id.example.com' is invalid", "'https://…@id.example.com' is invalid"],
  ])('is not shown: %s', (text, shown) => {
    expect(redactCredentials(text)).toBe(shown);
  });

  it.each(['https://id.example.com:8443/@a', 'https://ada@id.example.com/a:b', 'http://[::1]:80/?a:b@c', 'a:b@c'])(
    'is not in %s',
    (text) => expect(redactCredentials(text)).toBe(text),
  );
});

describe('a token', () => {
  it('is shown by its first six characters, whole or cut off', () => {
    expect(redactCredentials(`Bearer ${jwt}`)).toBe('Bearer eyJhbG…');
    expect(redactCredentials(jwt.slice(0, 30))).toBe('eyJhbG…');
    expect(redactCredentials(`{"access_token":"${jwt}"}`)).toBe('{"access_token":"eyJhbG…"}');
  });

  it('is found behind an escape of JSON or of a URL, and behind a letter', () => {
    expect(redactCredentials(JSON.stringify(`a\n${jwt.slice(0, 30)}`))).toBe('"a\\neyJhbG…"');
    expect(redactCredentials(`Bearer%20${jwt}`)).toBe('Bearer%20eyJhbG…');
    expect(redactCredentials(`x${jwt}`)).toBe('xeyJhbG…');
  });
});

describe('a text without a credential', () => {
  it('stays as it is, at the cost of one look', () => {
    const replace = vi.spyOn(String.prototype, 'replace');
    try {
      expect(redactCredentials('allow: token.valid')).toBe('allow: token.valid');
      expect(replace).not.toHaveBeenCalled();
    } finally {
      replace.mockRestore();
    }
  });
});

describe('a key of another system', () => {
  it('is shown by its first six characters, where its prefix is known', () => {
    expect(createRedact(['ch_', 'sk_'])(`key ${imported}, of user-42`)).toBe(
      `key ${imported.slice(0, 6)}…, of user-42`,
    );
    expect(redactCredentials(imported)).toBe(imported);
    expect(createRedact('any')(imported)).toBe(imported);
  });

  it('may have a prefix with signs that a regular expression knows', () => {
    const odd = `k.+(${randomBytes(12).toString('hex')}`;
    expect(createRedact(['k.+('])(odd)).toBe(`${odd.slice(0, 6)}…`);
  });

  it('is no word that only has the prefix in it, or is too short for a key', () => {
    const redact = createRedact(['sk_', '']);
    for (const text of ['task_force-of-many-words', 'sk_1234567890123-'.slice(0, 15), 'sk_,ch_']) {
      expect(redact(text)).toBe(text);
    }
  });
});

describe('what holds no credential', () => {
  it.each([
    '0b7d1c8e-55a1-4a6e-9d2c-2f4f1f3b9a77',
    'f:0b7d1c8e-55a1-4a6e-9d2c-2f4f1f3b9a77:ada',
    'ada@example.com',
    'service-account-gatepass_sync_client_with_a_long_name',
    'arn:aws:dynamodb:eu-west-1:123456789012:table/gatepass_live',
    randomBytes(32).toString('hex'),
    createKeyId('user-23345', () => new Uint8Array(8)), // has eyJ in its middle
    'gp_live_0OdQSRoDok1eyJGKM00000000000',
    'GreyJourneys2026',
  ])('stays as it is: %s', (text) => {
    expect(holdsCredential(text)).toBe(false);
  });
});

describe('a line of a log', () => {
  it('holds no credential, in whatever field it is', () => {
    const line = logLine('INFO', 0, { userId: key, why: `It is ${jwt}.`, users: [key] }, metricDirective([], {}));
    expect(JSON.parse(line)).toMatchObject({
      userId: `gp_live_${keyId}_…`,
      why: 'It is eyJhbG….',
      users: [`gp_live_${keyId}_…`],
    });
  });
});
