import { type Credentials, takeCredentials } from '../authorizer/gateway/credentials.ts';
import { apiKeyPattern } from '../key-format/format.ts';
import type { KeyForms } from '../key-format/imported.ts';

export type { Credentials };

// A header or a value by its name: of a request or a command, of the token endpoint's answer, of a shell.
const NAMED = /(["'`]?)\b(?:authorization|access_token|\w*(?:KEY|TOKEN)(?==))["']?\s*[:=]\s*(["'`]?)([\s\S]+)/i;
// A following header, or the next value of a form.
const NEXT = /\n[\w-]+: |&/;
const QUOTED = /^(["'`])([\s\S]*)\1[,;]?$/;
const TOKEN = /^eyJ[^.\s]*\.[^.\s]*\.[^.\s]*$/;
const TOKEN_IN_TEXT = /\beyJ[\w-]*\.[\w-]+\.[\w-]+(?!\.?[\w-])/g;

/**
 * Takes the credential out of what people paste, as the authorizer does once it has the header's value: an
 * `Authorization` header or the command with it, the token endpoint's whole answer, an assignment, a quoted value, one
 * that was wrapped over several lines. A token needs no `Bearer` here, which a request must have before it. In other
 * text, as what `gatepass keys create` prints, it is the one whole key or token that stands there.
 *
 * @returns a sentence, if there is none.
 */
export function readPasted(text: string, forms: KeyForms): Credentials | string {
  const isJson = /^\s*\{/.test(text);
  const [, before = '', behind = '', named] = NAMED.exec(isJson ? joinLines(text) : text) ?? [];
  if (named === undefined && /^\s*x-api-key\s*:/i.test(text)) return NOT_LOOKED_AT;
  const found = named === undefined ? findOne(text, forms, isJson) : undefined;
  if (found !== undefined) return found;
  if (named === undefined && isJson) return whyNoToken(text);
  const quote = behind || before;
  const value = named?.split(quote || NEXT)[0] ?? text.trim().replace(QUOTED, '$2');
  // A line break after the scheme parts the two; any other was put in by what wrapped the lines.
  const line = value
    .trim()
    .replace(/^(bearer)\s+/i, '$1 ')
    .replaceAll(/\s*[\r\n]+\s*/g, '');
  const taken = takeCredentials([TOKEN.test(line) ? `Bearer ${line}` : line], forms);
  return 'outcome' in taken ? 'Standard input holds no credential, or only a scheme.' : taken;
}

const NOT_LOOKED_AT =
  'A key in X-Api-Key is not looked at: it must be sent in Authorization. To have the key explained, give it alone.';

/** The one whole credential in a text that is more than that; what may have been sent as it is, is left so. */
function findOne(text: string, { keyPrefix, importedPrefixes }: KeyForms, isJson: boolean): Credentials | undefined {
  const starts = ['bearer', 'basic', `${keyPrefix}_`, ...(importedPrefixes === 'any' ? [] : importedPrefixes)];
  const [first = '', ...others] = text.trim().split(/\r?\n/);
  const mayBeSent = starts.some((start) => first.toLowerCase().startsWith(start.toLowerCase()));
  const isWrapped = others.every((line) => !/\S\s+\S/.test(line));
  if (mayBeSent && isWrapped) return undefined;
  const keys = new Set(text.match(new RegExp(apiKeyPattern(keyPrefix), 'g')));
  const tokens = new Set(isJson ? [] : text.match(TOKEN_IN_TEXT));
  const [value, ...more] = [...keys, ...tokens];
  if (value === undefined || more.length > 0) return undefined;
  return { kind: keys.size > 0 ? 'api_key' : 'token', value };
}

function joinLines(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, '');
}

/** The token endpoint's refusals (RFC 6749, section 5.2) have a code, which is no secret. */
function whyNoToken(json: string): string {
  const code = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(json)?.[1];
  if (code === undefined) return 'There is no access_token in this JSON: give the whole answer of the token endpoint.';
  return `The token endpoint gave no token but the error ${code}: see there why, and give the answer to a good request.`;
}
