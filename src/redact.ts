import { SECRET_IN_TEXT } from './key-format/format.ts';
import { type ImportedPrefixes, prefixesPattern } from './key-format/imported.ts';

/** Takes the credentials out of a text. */
export type Redact = (text: string) => string;

/** A JWT, or what there is of one: `{"` is `eyJ` in base64url. Any random text has these letters: one key id in 13,000. */
const JWT = /eyJ[\w-]{8,}(?:\.[\w-]+)*/g;

/** RFC 3986, section 3.2.1. */
const PASSWORD_OF_URL = /:\/\/[^\s/?#@"']*:[^\s/?#@"']*@/g;

/** Nearly every text holds none: to look for both at once costs a third of two replacements. */
const CREDENTIAL = new RegExp(`${SECRET_IN_TEXT.source}|${JWT.source}`);

/** What stands before the start of a word: no letter or digit, but for the end of an escape in JSON or in a URL. */
const WORD_START = /(?:^|[^0-9A-Za-z]|\\[bfnrt]|\\u[\da-f]{4}|%[\da-f]{2})$/i;

/** What is shown of a credential that has no public part. */
const SHOWN = 6;

/** A key of another system is not shorter; what is, is a name that starts like one. */
const MIN_IMPORTED_LENGTH = 16;

/**
 * Makes the function that every message, every output of a command and every line of a log goes through, since a
 * credential may have been put anywhere by mistake.
 *
 * Of a key of ours what stays is its public part, `gp_live_<id>_…`, whatever its prefix, or what there is of it; of a
 * JWT, and of a value that starts with one of the imported prefixes, the first six characters; of a URL with a password
 * all but that and the user. Other text stays as it is.
 *
 * @param importedPrefixes `any` stands for none here: every word would be a key.
 */
export function createRedact(importedPrefixes: ImportedPrefixes): Redact {
  const prefixes = importedPrefixes === 'any' ? [] : importedPrefixes.filter((prefix) => prefix !== '');
  if (prefixes.length === 0) return redactCredentials;
  const start = prefixesPattern(prefixes);
  const imported = new RegExp(`(?<![0-9A-Za-z])(?=[^\\s"',;<>]{${MIN_IMPORTED_LENGTH}})(?:${start})[^\\s"',;<>]+`, 'g');
  return (text) => {
    const clean = redactCredentials(text);
    // Nearly every line of the authorizer's log ends here, at a sixth of the cost.
    return prefixes.some((prefix) => clean.includes(prefix)) ? clean.replace(imported, shorten) : clean;
  };
}

/** The same for what can be told without knowing any prefix: keys of ours, JWTs and passwords in URLs. */
export const redactCredentials: Redact = (text) => {
  const clean = CREDENTIAL.test(text) ? text.replace(SECRET_IN_TEXT, keepId).replace(JWT, shortenJwt) : text;
  return clean.includes('://') ? clean.replace(PASSWORD_OF_URL, '://…@') : clean;
};

function keepId(_secret: string, id: string | undefined): string {
  return id === undefined ? '_…' : `_${id}_…`;
}

/** Whether a text holds a credential, so that it can't be a name or an id. */
export function holdsCredential(text: string, redact: Redact = redactCredentials): boolean {
  return redact(text) !== text;
}

/** In the middle of a word, it is one only with what follows its first dot. */
function shortenJwt(found: string, at: number, text: string): string {
  return found.includes('.') || WORD_START.test(text.slice(Math.max(0, at - 6), at)) ? shorten(found) : found;
}

function shorten(credential: string): string {
  return `${credential.slice(0, SHOWN)}…`;
}
