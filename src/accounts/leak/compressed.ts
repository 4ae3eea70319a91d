import { AdminError } from '../admin-error.ts';

/** How compressed files begin, in hexadecimal. */
const BEGINNINGS = [
  [/^1f8b/, 'gzip'],
  [/^504b0304/, 'zip'],
  [/^28b52ffd/, 'zstd'],
  [/^fd377a585a00/, 'xz'],
  [/^377abcaf271c/, '7z'],
  [/^425a683[1-9]314159265359/, 'bzip2'],
] as const;

const START_BYTES = 10;

/**
 * Hands a stream on, unless it is compressed: no key would be found in it, and it would look like a text without one.
 *
 * @throws AdminError `invalid_input`
 */
export async function* uncompressed(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let start = Buffer.alloc(0);
  for await (const chunk of input) {
    if (start.length < START_BYTES) {
      start = Buffer.concat([start, chunk.subarray(0, START_BYTES)]);
      refuse(start);
    }
    yield chunk;
  }
}

function refuse(start: Buffer): void {
  const hex = start.toString('hex');
  const kind = BEGINNINGS.find(([beginning]) => beginning.test(hex))?.[1];
  if (kind === undefined) return;
  throw new AdminError(
    'invalid_input',
    `What came is compressed (${kind}): no key can be seen in it. Unpack it first.`,
  );
}
