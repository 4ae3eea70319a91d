const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * Writes bytes as a base62 number of a fixed width, most significant digit first.
 *
 * Base62 rather than base64url, because a double click selects all of it.
 *
 * @param width must hold the bytes: 62 ** width >= 256 ** bytes.length.
 */
export function encodeBase62(bytes: Uint8Array, width: number): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  let text = '';
  for (let digit = 0; digit < width; digit++) {
    text = ALPHABET.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
