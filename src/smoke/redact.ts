import { type Redact, redactCredentials } from '../redact.ts';

/** A shorter run of characters of a credential tells nothing of worth about it. */
const LEAST_PART = 12;

const STAND_IN = '[credential]';

/** Takes out the parts of known credentials, too: a server may echo what it was sent in part, and so may a command. */
export function createPartsRedact(secrets: readonly string[]): Redact {
  return (text) => secrets.reduce(withoutParts, redactCredentials(text));
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
