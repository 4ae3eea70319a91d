/** The least that a plain key must have: far beyond guessing over a network. */
export const MIN_ENTROPY_BITS = 80;

const CLASSES: readonly (readonly [pattern: RegExp, size: number])[] = [
  [/[0-9]/, 10],
  [/[a-z]/, 26],
  [/[A-Z]/, 26],
  [/[^0-9A-Za-z]/, 2], // separators: their places are no secret
];

/**
 * A cautious guess, in bits, at how hard a key is to guess, by its form alone: the characters after its first
 * separator, each worth the alphabet that they are drawn from; repeated and consecutive characters count once.
 *
 * It tells words and short numbers from random text. It can't tell that a random-looking key is not random.
 */
export function estimateEntropy(key: string): number {
  const body = key.replace(/^(?:[a-z]+|[A-Z]+)[_-]/, '');
  const isHex = /^[0-9a-f-]+$|^[0-9A-F-]+$/.test(body);
  const alphabet = isHex ? 16 : CLASSES.reduce((sum, [pattern, size]) => sum + (pattern.test(body) ? size : 0), 0);
  let counted = 0;
  for (let index = 0; index < body.length; index++) {
    const step = Math.abs(body.charCodeAt(index) - body.charCodeAt(index - 1));
    if (!(step <= 1)) counted++;
  }
  const distinct = new Set(body).size;
  // Eight different characters are the least that randomness of this length would show.
  return distinct < 8 ? 0 : Math.floor(counted * Math.log2(alphabet));
}
