import { describe, expect, it } from 'vitest';
import { findSecrets, type Secret } from '../../../../src/accounts/leak/find-secrets.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { hashApiKey } from '../../../../src/key-format/hash.ts';
import { fixedBytes } from '../../../support/fixed-bytes.ts';
import { fc } from '../../../support/properties.ts';

const randomBytes = fixedBytes('find secrets');

function makeKey(random: (size: number) => Uint8Array = randomBytes): string {
  return createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('ada', random) }, random);
}

/** Of random bytes that fast-check chose, so that its seed gives the same keys again. */
const anyKey = fc
  .uint8Array({ minLength: 40, maxLength: 40 })
  .map((bytes) => makeKey((size) => (size === 8 ? bytes.subarray(0, 8) : bytes.subarray(8))));

async function find(bytes: Buffer, chunkSize = bytes.length): Promise<readonly Secret[]> {
  async function* input() {
    for (let start = 0; start < bytes.length; start += chunkSize) yield bytes.subarray(start, start + chunkSize);
  }
  const found: Secret[] = [];
  const forms = { importedPrefixes: ['legacy_'] };
  for await (const secret of findSecrets(input(), forms, () => undefined)) found.push(secret);
  return found;
}

/**
 * What may stand around a key: letters that run into it, its own separators, other keys' parts, and any bytes. A part
 * lacks the whole checksum, since letters behind it would complete a shorter gap by chance.
 */
const noise = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc
        .string({ unit: fc.constantFrom('_', 'g', 'p', '0', 'Z', '%', '\\', ' '), maxLength: 120 })
        .map((text) => Buffer.from(text)),
      fc.tuple(anyKey, fc.integer({ min: 1, max: 80 })).map(([key, length]) => Buffer.from(key.slice(0, length))),
      fc.constant(Buffer.alloc(9000, 'x')),
    ),
    { maxLength: 4 },
  )
  .map((parts) => Buffer.concat(parts));

it('a key is found between any bytes, in any encoding of them, cut into chunks of any size', async () => {
  await fc.assert(
    fc.asyncProperty(
      ...[
        anyKey,
        noise,
        noise,
        fc.constantFrom<BufferEncoding>('latin1', 'utf8', 'utf16le'),
        fc.integer({ min: 1, max: 20_000 }),
      ],
      async (key, before, behind, encoding, chunkSize) => {
        const text = before.toString('latin1') + key + behind.toString('latin1');
        const hashes = (await find(Buffer.from(text, encoding), chunkSize)).map(({ hash }) => hash);
        expect(hashes).toEqual([hashApiKey(key)]);
      },
    ),
    { numRuns: 300 },
  );
});

it.each([
  ['a terminal', '\n'],
  ['a mail', '\r\n'],
  ['quoted-printable', '=\r\n'],
  ['a quotation', '\n> '],
  ['a folded text', '\n    '],
])('a key that %s has broken is found, wherever it was broken', async (_, lineBreak) => {
  const key = makeKey();
  for (let at = 1; at < key.length; at++) {
    const text = `first\n${key.slice(0, at)}${lineBreak}${key.slice(at)} last\n`;
    expect((await find(Buffer.from(text))).map(({ hash }) => hash)).toEqual([hashApiKey(key)]);
  }
  const [only] = await find(Buffer.from(`{"File":"a.ts","Secret":"${key.slice(0, 40)}${lineBreak}${key.slice(40)}"}`));
  expect(only?.readPlace()).toBeUndefined();
});

/** Each character, or some, as an encoding writes it. */
const escaped = (text: string, which: RegExp, write: (code: string) => string) =>
  text.replace(which, (character) => write(character.charCodeAt(0).toString(16).padStart(2, '0')));

it.each<[string, (key: string) => string]>([
  ['a search that coloured what it looked for', (key) => `\u001b[01;31m\u001b[Kgp_\u001b[m\u001b[K${key.slice(3)}`],
  ['a log that coloured it, in JSON', (key) => String.raw`"\u001b[31m${key.slice(0, 40)}\u001B[39m${key.slice(40)}"`],
  ['Markdown', (key) => key.replaceAll('_', String.raw`\_`)],
  ['JSON', (key) => escaped(key, /./g, (code) => String.raw`\u00${code}`)],
  ['a string of a program', (key) => escaped(key, /_/g, (code) => String.raw`\x${code.toUpperCase()}`)],
  ['a URL', (key) => escaped(key, /[_g]/g, (code) => `%${code.toUpperCase()}`)],
  ["a mail's subject", (key) => escaped(key, /_/g, (code) => `=${code.toUpperCase()}`)],
  ['a mail in JSON', (key) => String.raw`${key.slice(0, 40)}=\r\n${key.slice(40)}`],
  ['HTML, by number', (key) => escaped(key, /_/g, (code) => `&#${Number.parseInt(code, 16)};`)],
  ['HTML, by hexadecimal number', (key) => escaped(key, /_/g, (code) => `&#x${code};`)],
])('a key that %s has written otherwise is found', async (_, write) => {
  const key = makeKey();
  expect((await find(Buffer.from(`x ${write(key)} y`))).map(({ hash }) => hash)).toEqual([hashApiKey(key)]);
});

describe('a key in base64', () => {
  const foundIn = async (text: string) => (await find(Buffer.from(text))).map(({ hash }) => hash);

  it.each([0, 1, 2, 3])('is found behind %i other bytes', async (before) => {
    const key = makeKey();
    for (const encoding of ['base64', 'base64url'] as const) {
      const encoded = Buffer.from(`${'x'.repeat(before)}${key}:`).toString(encoding);
      expect(await foundIn(`Authorization: Basic ${encoded}\r\n`)).toEqual([hashApiKey(key)]);
    }
  });

  it('is found between any bytes, cut into chunks of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...[anyKey, noise, noise, fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 20_000 })],
        async (key, before, behind, beside, chunkSize) => {
          const encoded = Buffer.concat([beside, Buffer.from(`"${key}"`), beside]).toString('base64');
          const text = Buffer.concat([before, Buffer.from(encoded), Buffer.from('='), behind]);
          expect((await find(text, chunkSize)).map(({ hash }) => hash)).toEqual([hashApiKey(key)]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each(['\n', '\r\n    ', String.raw`\n`])('is found in lines of 76 characters: %j', async (lineBreak) => {
    const key = makeKey();
    const encoded = Buffer.from(`first: é?>~\nkey: ${key}\n`).toString('base64');
    expect(await foundIn(encoded.replace(/.{76}(?=.)/g, `$&${lineBreak}`))).toEqual([hashApiKey(key)]);
  });
});

it('each is told once, ours with its id, however often it is there', async () => {
  const key = makeKey();
  const other = `legacy_${randomBytes(24).toString('hex')}`;
  const found = await find(Buffer.from(`${key} ${other} ${'x'.repeat(30_000)} ${other} ${key}`), 1000);
  expect(found.map(({ hash, keyId }) => [hash, keyId])).toEqual([
    [hashApiKey(key), key.split('_')[2]],
    [hashApiKey(other), undefined],
  ]);
});
