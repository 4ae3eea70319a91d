import { ENVIRONMENT_WIDTH, ID_AND_SECRET, PREFIX_WIDTH, parseApiKey } from './format.ts';

/** A whole key of ours in a text. */
export interface KeyInText {
  readonly key: string;
  readonly keyId: string;
  /** Where its prefix begins. */
  readonly index: number;
}

/** The prefix and the environment, as far as they may reach, at the end of what stands before a key's id. */
const NAMES = /([a-z0-9]+)_([a-z0-9]+)$/;
const NAMES_WIDTH = PREFIX_WIDTH + 1 + ENVIRONMENT_WIDTH;

/**
 * Finds each whole key of ours whose id begins in a range of a text: its prefix may be any, its checksum is right.
 *
 * What touches the key on either side doesn't hide it: the `n` of an escaped line break, the `3d` of an encoded `=`, or
 * a letter behind it. Time grows with the text alone, whatever it holds.
 *
 * @param onLookAlike is called for what has the form of a key and a wrong checksum.
 */
export function* keysInText(
  text: string,
  { from, to }: { readonly from: number; readonly to: number },
  onLookAlike: () => void,
): Generator<KeyInText> {
  const pattern = new RegExp(ID_AND_SECRET, 'g');
  pattern.lastIndex = from;
  for (const { 0: rest, index } of text.matchAll(pattern)) {
    if (index >= to) return;
    const found = withNames(text.slice(Math.max(0, index - NAMES_WIDTH), index), rest);
    if (found === undefined) onLookAlike();
    else yield { ...found, index: index - (found.key.length - rest.length) };
  }
}

/** Of the letters before an environment any may be the first of the prefix: the checksum tells. */
function withNames(before: string, rest: string): { key: string; keyId: string } | undefined {
  const [, letters = '', environment = ''] = NAMES.exec(before) ?? [];
  for (let first = 0; first < letters.length; first++) {
    const prefix = letters.slice(first);
    const key = `${prefix}_${environment}${rest}`;
    const parsed = parseApiKey(key, prefix);
    if (parsed !== undefined) return { key, keyId: parsed.keyId };
  }
  return undefined;
}
