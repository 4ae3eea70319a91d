/** Common words and passwords, in lower case. */
export interface Words {
  /** How many bits a word is worth: few if it is common; nothing if it is none. */
  bitsOf(word: string): number | undefined;
  /** How long the longest word is that begins with these three letters; 0 if there is none. */
  longestFrom(start: string): number;
}

export const SHORTEST_WORD = 3;
const LONGEST_WORD = 20;

let loaded: Promise<Words> | undefined;

/** Loads 88,000 common passwords and English words, once: 40 MB in memory. */
export function loadWords(): Promise<Words> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Words> {
  const [common, english] = await Promise.all([import('@zxcvbn-ts/language-common'), import('@zxcvbn-ts/language-en')]);
  const lists = [common.dictionary['passwords-common'], english.dictionary['commonWords-en']];
  const bits = new Map<string, number>();
  const longest = new Map<string, number>();
  for (const list of lists) {
    for (const [index, word] of list.entries()) {
      if (word.length < SHORTEST_WORD || word.length > LONGEST_WORD) continue;
      // The most common come first, and the word of rank n is found in n tries; which list it is in isn't known either.
      const cost = Math.log2((index + 1) * lists.length);
      bits.set(word, Math.min(cost, bits.get(word) ?? cost));
      const start = word.slice(0, SHORTEST_WORD);
      longest.set(start, Math.max(word.length, longest.get(start) ?? 0));
    }
  }
  return { bitsOf: (word) => bits.get(word), longestFrom: (start) => longest.get(start) ?? 0 };
}
