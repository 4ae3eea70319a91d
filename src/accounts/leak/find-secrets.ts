import { hashApiKey } from '../../key-format/hash.ts';
import { type KeyInText, keysInText } from '../../key-format/keys-in-text.ts';
import { createFindImported, type ImportedForms } from './imported-in-text.ts';
import { placeIn } from './place.ts';
import { textWindows } from './text-windows.ts';

/** What may be a whole key. */
export interface Secret {
  /** Of the whole key. */
  readonly hash: string;
  /** Of a key of ours. */
  readonly keyId: string | undefined;
  /** Where a scanner found it, if the text is a scanner's report. */
  readonly readPlace: () => string | undefined;
}

/** Where a mail or a terminal has broken a line: with the sign of quoted-printable or without, quoted or not. */
const LINE_BREAK = /(?<=\w)=?\r?\n[ \t>]*(?=\w)/g;

/**
 * Finds what may be a whole key in a stream, each once. A key of ours may be broken into lines.
 *
 * @param onLookAlike is called for what has the form of a key of ours and a wrong checksum.
 */
export async function* findSecrets(
  input: AsyncIterable<Uint8Array>,
  forms: ImportedForms,
  onLookAlike: () => void,
): AsyncGenerator<Secret> {
  const findImported = createFindImported(forms);
  // Hashes, since a part of a window would keep the whole of it in memory.
  const seen = new Set<string>();
  for await (const window of textWindows(input)) {
    const inLines = [...keysInText(window.text, window, onLookAlike), ...findImported(window)];
    for (const { key, keyId, index } of [...inLines, ...brokenKeys(window.text)]) {
      const hash = hashApiKey(key);
      if (seen.has(hash)) continue;
      seen.add(hash);
      yield { hash, keyId, readPlace: () => placeIn(window.text, index) };
    }
  }
}

/** The keys of ours in a text without its line breaks. Their checksums tell them from lines that only happen to fit. */
function* brokenKeys(text: string): Generator<KeyInText> {
  const joined = text.replace(LINE_BREAK, '');
  const found = keysInText(joined, { from: 0, to: joined.length }, () => undefined);
  // No scanner's report breaks a key, so there is no place to be read.
  for (const key of found) yield { ...key, index: -1 };
}
