import { describe, expect, it } from 'vitest';
import { createApiKey, createKeyId } from '../../../src/key-format/format.ts';
import { keysInText } from '../../../src/key-format/keys-in-text.ts';
import { fixedBytes } from '../../support/fixed-bytes.ts';

const randomBytes = fixedBytes('keys in text');

function makeKey(prefix = 'gp', environment = 'live'): { key: string; keyId: string } {
  const keyId = createKeyId('user-42', randomBytes);
  return { key: createApiKey({ prefix, environment, keyId }, randomBytes), keyId };
}

function find(text: string, range = { from: 0, to: text.length }) {
  let lookAlikes = 0;
  const found = [...keysInText(text, range, () => lookAlikes++)];
  return { keys: found.map(({ key }) => key), found, lookAlikes };
}

const { key: KEY, keyId: KEY_ID } = makeKey();

describe('a whole key in a text', () => {
  it.each([
    ['alone', KEY],
    ['in a header', `Authorization: Bearer ${KEY}\r\n`],
    ['as a value', `{"apiKey":"${KEY}"}`],
    ['as a value that is escaped', String.raw`{"log":"{\"apiKey\":\"${KEY}\"}"}`],
    ['behind an escaped line break', String.raw`a\n${KEY}\n`],
    ['behind an escaped letter', String.raw`\u003d${KEY}\u0026x`],
    ['in a URL', `https://api.example.com/?key=${KEY}&x=1`],
    ['in an encoded URL', `redirect%3fkey%3d${KEY}%26x`],
    ['behind another word and a low line', `MY_key_${KEY}`],
    ['between letters', `lettersbefore${KEY}lettersBehind`],
    ['in a removed line', `-API_KEY=${KEY}`],
  ])('is found %s', (_, text) => {
    expect(find(text)).toMatchObject({ found: [{ key: KEY, keyId: KEY_ID, index: text.indexOf(KEY) }], lookAlikes: 0 });
  });

  it.each([
    ['acme2', 'test1'],
    ['a', '0'],
    ['a234567890123456', 'e2345678901234567890123456789012'],
  ])('is found with the prefix %s and the environment %s', (prefix, environment) => {
    const { key } = makeKey(prefix, environment);
    expect(find(`xx${key}`).keys).toEqual([key]);
  });

  it('is found next to another, and as often as it is there', () => {
    const { key: other } = makeKey();
    expect(find(`${KEY}${other}${KEY}`).keys).toEqual([KEY, other, KEY]);
    expect(find(`${KEY}_${other}`).keys).toEqual([KEY, other]);
  });

  it('is looked for in the range in which its id begins, and nowhere else', () => {
    const text = `${KEY} ${KEY}`;
    const second = text.lastIndexOf(KEY) + KEY.indexOf(`_${KEY_ID}`);
    expect(find(text, { from: 0, to: second }).found.map(({ index }) => index)).toEqual([0]);
    expect(find(text, { from: second, to: second + 1 }).found.map(({ index }) => index)).toEqual([KEY.length + 1]);
    expect(find(text, { from: second + 1, to: text.length }).keys).toEqual([]);
  });
});

describe('what only looks like a key', () => {
  it('is counted, and no key', () => {
    const wrong = KEY.slice(0, -1) + (KEY.endsWith('a') ? 'b' : 'a');
    expect(find(`${wrong} ${wrong}`)).toEqual({ keys: [], found: [], lookAlikes: 2 });
  });

  it.each([
    ['cut off', KEY.slice(0, -1)],
    ['broken by a line', `${KEY.slice(0, 40)}\n${KEY.slice(40)}`],
    ['without a prefix', KEY.slice(2)],
    ['in capitals', KEY.toUpperCase()],
  ])('is no key: %s', (_, text) => {
    expect(find(text).keys).toEqual([]);
  });

  it('costs no more time than its length, whatever it is', () => {
    for (const part of ['a', '_', 'a_', `_${KEY_ID}`, `gp_live_${KEY_ID}_`]) {
      expect(find(part.repeat(Math.ceil(1_000_000 / part.length))).keys).toEqual([]);
    }
  });
});
