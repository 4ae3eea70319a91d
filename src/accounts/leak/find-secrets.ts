import { hashApiKey } from '../../key-format/hash.ts';
import { keysInText } from '../../key-format/keys-in-text.ts';
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

/**
 * Finds what may be a whole key in a stream, each once.
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
    for (const { key, keyId, index } of [...keysInText(window.text, window, onLookAlike), ...findImported(window)]) {
      const hash = hashApiKey(key);
      if (seen.has(hash)) continue;
      seen.add(hash);
      yield { hash, keyId, readPlace: () => placeIn(window.text, index) };
    }
  }
}
