import { AdminError } from '../admin-error.ts';
import { compressionOf, START_BYTES } from '../compression.ts';

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
  const kind = compressionOf(start);
  if (kind === undefined) return;
  throw new AdminError(
    'invalid_input',
    `What came is compressed (${kind}): no key can be seen in it. Unpack it first.`,
  );
}
