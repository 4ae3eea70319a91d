import { type Credentials, takeCredentials } from '../authorizer/gateway/credentials.ts';
import type { KeyForms } from '../key-format/imported.ts';

export type { Credentials };

// A header or a value by its name: of a request or a command, of the token endpoint's answer, of a shell.
const NAMED = /(["'`]?)\b(?:authorization|access_token|\w*(?:KEY|TOKEN)(?==))["']?\s*[:=]\s*(["'`]?)([\s\S]+)/i;
// A following header, or the next value of a form.
const NEXT = /\n[\w-]+: |&/;
const QUOTED = /^(["'`])([\s\S]*)\1[,;]?$/;
const TOKEN = /^eyJ[^.\s]*\.[^.\s]*\.[^.\s]*$/;

/**
 * Takes the credential out of what people paste, as the authorizer does once it has the header's value: an
 * `Authorization` header or the command with it, the token endpoint's whole answer, an assignment, a quoted value, one
 * that was wrapped over several lines. A token needs no `Bearer` here, which a request must have before it.
 *
 * @returns a sentence, if there is none.
 */
export function readPasted(text: string, forms: KeyForms): Credentials | string {
  const isJson = /^\s*\{/.test(text);
  const [, before = '', behind = '', named] = NAMED.exec(isJson ? joinLines(text) : text) ?? [];
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

function joinLines(text: string): string {
  return text.replaceAll(/\s*[\r\n]+\s*/g, '');
}

/** The token endpoint's refusals (RFC 6749, section 5.2) have a code, which is no secret. */
function whyNoToken(json: string): string {
  const code = /"error"\s*:\s*"([a-z_]{1,40})"/.exec(json)?.[1];
  if (code === undefined) return 'There is no access_token in this JSON: give the whole answer of the token endpoint.';
  return `The token endpoint gave no token but the error ${code}: see there why, and give the answer to a good request.`;
}
