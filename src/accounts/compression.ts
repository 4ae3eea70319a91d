/** How compressed files begin, in hexadecimal. */
const BEGINNINGS = [
  [/^1f8b/, 'gzip'],
  [/^504b0304/, 'zip'],
  [/^28b52ffd/, 'zstd'],
  [/^fd377a585a00/, 'xz'],
  [/^377abcaf271c/, '7z'],
  [/^425a683[1-9]314159265359/, 'bzip2'],
] as const;

export type Compression = (typeof BEGINNINGS)[number][1];

/** How many bytes of a file tell for certain. */
export const START_BYTES = 10;

/** How a file that begins so is compressed, if it is. */
export function compressionOf(start: Uint8Array): Compression | undefined {
  const hex = Buffer.from(start.subarray(0, START_BYTES)).toString('hex');
  return BEGINNINGS.find(([beginning]) => beginning.test(hex))?.[1];
}
