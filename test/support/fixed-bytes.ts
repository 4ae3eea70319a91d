import { createHash } from 'node:crypto';

/**
 * A source of bytes as random as any, and the same in each run. Of what is really random, a part can happen to be what
 * a test forbids, and fails it once in some thousand runs.
 *
 * @param name each has bytes of its own.
 */
export function fixedBytes(name: string): (size: number) => Buffer {
  let asked = 0;
  return (size) => {
    asked += 1;
    const blocks = Array.from({ length: Math.ceil(size / 64) }, (_, block) =>
      createHash('sha512').update(`${name} ${asked} ${block}`).digest(),
    );
    return Buffer.concat(blocks).subarray(0, size);
  };
}
