import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findSecrets, type Secret } from '../../../../src/accounts/leak/find-secrets.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { hashApiKey } from '../../../../src/key-format/hash.ts';

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

it('each is told once, ours with its id, however often it is there', async () => {
  const key = makeKey();
  const other = `legacy_${randomBytes(24).toString('hex')}`;
  const found = await find(Buffer.from(`${key} ${other} ${'x'.repeat(30_000)} ${other} ${key}`), 1000);
  expect(found.map(({ hash, keyId }) => [hash, keyId])).toEqual([
    [hashApiKey(key), key.split('_')[2]],
    [hashApiKey(other), undefined],
  ]);
});
