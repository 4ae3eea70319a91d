import { hashApiKey } from '../../key-format/hash.ts';
import { type KeyInText, keysInText } from '../../key-format/keys-in-text.ts';
import { createFindImported, type ImportedForms } from './imported-in-text.ts';
import { placeIn } from './place.ts';
import { base64TextsIn, plainTextOf } from './readings.ts';
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

/**
 * Finds what may be a whole key in a stream, each once. A key of ours may be broken into lines, coloured,
 * escaped or in base64.
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
    for (const { key, keyId, index } of [...inLines, ...writtenOtherwise(window.text)]) {
      const hash = hashApiKey(key);
      if (seen.has(hash)) continue;
      seen.add(hash);
      yield { hash, keyId, readPlace: () => placeIn(window.text, index) };
    }
  }
}

/** The keys of ours that a text holds in another form. Their checksums tell them from what only happens to fit. */
function* writtenOtherwise(text: string): Generator<KeyInText> {
  const plain = plainTextOf(text);
  for (const reading of [plain, ...base64TextsIn(plain)]) {
    const found = keysInText(reading, { from: 0, to: reading.length }, () => undefined);
    // No scanner's report has a key so, and there is no place to be read.
    for (const key of found) yield { ...key, index: -1 };
  }
}
