import { SHORTEST_WORD, type Words } from './words.ts';

/** The least that a plain key must have. Eight random bytes have 64, and are too few. */
const LEAST_BITS = 66;

/** Words of a sentence follow from each other, which their number doesn't show: text that is mostly words needs more. */
const LEAST_BITS_OF_PATTERNS = 128;

/** Below this share of what random characters of its length and alphabet would have, a key is mostly patterns. */
const RANDOM_SHARE = 0.6;

/** Up to where a key is looked at: what comes after can only make it stronger. */
const LOOKED_AT = 256;

/** Names before a separator, as `sk_live_`, which are no secret. */
const PREFIX = /^(?:[a-z]+[_-]|[A-Z]+[_-]){0,3}/;

/** Digits for letters, as in `p4ssw0rd`, and what they are worth. */
const LEET: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' };
const LEET_BITS = 2;

/** Shorter repetitions and sequences come about by chance. */
const SHORTEST = 3;

/**
 * Tells by its form alone why a key can be guessed: by length and alphabet, less what words, repetitions and sequences
 * take away.
 *
 * It tells words and short numbers from random text. It can't tell that a random-looking key is not random.
 *
 * @returns nothing if it can't be guessed.
 */
export function whyGuessable(key: string, words: Words): string | undefined {
  const body = key.replace(PREFIX, '').slice(0, LOOKED_AT);
  const bits = estimateBits(body, words);
  const isPatterned = bits < RANDOM_SHARE * body.length * bitsOfCharacter(body);
  const least = isPatterned ? LEAST_BITS_OF_PATTERNS : LEAST_BITS;
  if (bits >= least) return undefined;
  const of = isPatterned ? ' of words and repetitions' : '';
  return `about ${Math.floor(bits)} bits${of}, and ${least} are the least`;
}

/** The fewest bits that tell a text, by any way of cutting it into words, repetitions, sequences and characters. */
function estimateBits(text: string, words: Words): number {
  // The fewest up to each place.
  const best = new Array<number>(text.length + 1).fill(Number.POSITIVE_INFINITY);
  best[0] = 0;
  const spellings = spellingsOf(text);
  for (let at = 0; at < text.length; at++) {
    const before = best[at] ?? 0;
    for (const [length, bits] of piecesAt(at, spellings, words)) {
      best[at + length] = Math.min(best[at + length] ?? 0, before + bits);
    }
  }
  return best[text.length] ?? 0;
}

interface Spellings {
  readonly text: string;
  readonly lower: string;
  /** With letters for the digits that stand for them. */
  readonly unmasked: string;
  readonly characterBits: number;
}

function spellingsOf(text: string): Spellings {
  const lower = text.toLowerCase();
  const unmasked = lower.replace(/[013457@$]/g, (character) => LEET[character] ?? character);
  return { text, lower, unmasked, characterBits: bitsOfCharacter(text) };
}

type Piece = readonly [length: number, bits: number];

/** What a text may be told by, from a place on. */
function* piecesAt(at: number, { text, lower, unmasked, characterBits }: Spellings, words: Words): Generator<Piece> {
  yield [1, isSeparator(text.charAt(at)) ? 1 : characterBits];
  for (const [length, bits] of wordsAt(lower, at, words)) yield [length, bits + bitsOfCase(text, at, length)];
  if (unmasked !== lower) {
    for (const [length, bits] of wordsAt(unmasked, at, words)) {
      yield [length, bits + LEET_BITS + bitsOfCase(text, at, length)];
    }
  }
  const run = sequenceAt(lower, at);
  for (let length = SHORTEST; length <= run; length++) yield [length, characterBits + Math.log2(length) + 2];
  for (let from = 0; from < at; from++) {
    const most = repetitionAt(lower, from, at);
    for (let length = SHORTEST; length <= most; length++) yield [length, 1 + Math.log2(at) + Math.log2(length)];
  }
}

/** The words that begin at a place: how long each is, and how many bits it is worth. */
function* wordsAt(text: string, at: number, words: Words): Generator<Piece> {
  const longest = Math.min(words.longestFrom(text.slice(at, at + SHORTEST_WORD)), text.length - at);
  for (let length = SHORTEST_WORD; length <= longest; length++) {
    const bits = words.bitsOf(text.slice(at, at + length));
    if (bits !== undefined) yield [length, bits];
  }
}

function bitsOfCharacter(text: string): number {
  if (/^[\d_-]*$/.test(text)) return Math.log2(10);
  if (/^[\da-f_-]*$|^[\dA-F_-]*$/.test(text)) return 4;
  const sizes = [/\d/.test(text) ? 10 : 0, /[a-z]/.test(text) ? 26 : 0, /[A-Z]/.test(text) ? 26 : 0];
  return Math.log2(sizes.reduce((sum, size) => sum + size, 2));
}

function isSeparator(character: string): boolean {
  return !/[\dA-Za-z]/.test(character);
}

/** Capitals at the beginning or throughout are the first that is tried. */
function bitsOfCase(text: string, at: number, length: number): number {
  const word = text.slice(at, at + length);
  if (word === word.toLowerCase()) return 0;
  return word === word.toUpperCase() || /^[A-Z][^A-Z]*$/.test(word) ? 1 : length;
}

/** How long the run is whose characters are the same, or each the next or the one before. */
function sequenceAt(text: string, at: number): number {
  const step = text.charCodeAt(at + 1) - text.charCodeAt(at);
  if (!(Math.abs(step) <= 1)) return 1;
  let end = at + 1;
  while (end < text.length && text.charCodeAt(end) - text.charCodeAt(end - 1) === step) end++;
  return end - at;
}

/** For how long the text at one place is as at an earlier one. */
function repetitionAt(text: string, from: number, at: number): number {
  let length = 0;
  while (at + length < text.length && text[from + length] === text[at + length]) length++;
  return length;
}
