import { apiKeyPattern } from '../key-format/format.ts';
import type { Output } from '../terminal/output.ts';

/** A shorter run of characters of a credential tells nothing of worth about it. */
const LEAST_PART = 12;

/** What looks like one of ours, whole, whoever's it is. */
const LOOKALIKES = new RegExp(`${apiKeyPattern()}|eyJ[\\w-]{8,}\\.[\\w-]*(\\.[\\w-]*)?`, 'g');

const STAND_IN = '[credential]';

/**
 * Takes credentials out of everything that is written, wherever it came from: a server may echo what it was sent, whole
 * or in part, and so may a command.
 */
export function redacting({ out, err }: Output, secrets: readonly string[]): Output {
  return { out: (text) => out(redact(text, secrets)), err: (text) => err(redact(text, secrets)) };
}

function redact(text: string, secrets: readonly string[]): string {
  let clean = text.replace(LOOKALIKES, STAND_IN);
  for (const secret of secrets) {
    if (secret !== '') clean = clean.replaceAll(secret, STAND_IN);
    clean = withoutParts(clean, secret);
  }
  return clean;
}

/** Replaces each run of at least LEAST_PART characters that occurs in a secret. */
function withoutParts(text: string, secret: string): string {
  let clean = '';
  let index = 0;
  while (index < text.length) {
    let end = index + LEAST_PART;
    if (end > text.length || !secret.includes(text.slice(index, end))) {
      clean += text.charAt(index++);
      continue;
    }
    while (end < text.length && secret.includes(text.slice(index, end + 1))) end++;
    clean += STAND_IN;
    index = end;
  }
  return clean;
}
