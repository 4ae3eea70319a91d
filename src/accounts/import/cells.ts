import { networkOf, textOf } from '../input.ts';
import type { Column } from './columns.ts';

/** A line as it was read: CSV has texts alone, JSON whatever it says. */
export type Raw = Readonly<Record<string, unknown>>;

// None of the errors here holds a value: a key may stand in any column by mistake.

export function textCell(raw: Raw, column: Column): string | undefined {
  const value = raw[column];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'object') throw new Error(`${column} is not a text`);
  if (typeof value === 'boolean') throw new Error(`${column} is true or false, which says nothing there`);
  if (typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER) {
    throw new Error(`${column} is a number with more digits than JSON keeps: put it in quotes`);
  }
  return String(value);
}

/** Words separated by spaces. A list as JSON or PostgreSQL writes it would become one odd word. */
export function wordsCell(raw: Raw, column: Column): string | undefined {
  const text = textCell(raw, column);
  if (text === undefined || !/^\s*(?:\[.*\]|\{.*\})\s*$/s.test(text)) return text;
  throw new Error(`${column} is in brackets: separate its words by spaces, without them`);
}

/** A list: an array in JSON, words separated by spaces in CSV. */
export function listCell(raw: Raw, column: Column): string[] | undefined {
  const value = raw[column];
  const words = Array.isArray(value) ? value : wordsCell(raw, column)?.split(/\s+/).filter(Boolean);
  return words?.map((word) => {
    if (typeof word !== 'string') throw new Error(`${column} holds something that is not a text`);
    return textOf(column, word);
  });
}

/** CIDR blocks. An empty list is refused: it says "from nowhere", and no networks at all mean "from anywhere". */
export function networksCell(raw: Raw): string[] | undefined {
  const networks = listCell(raw, 'networks');
  if (networks?.length === 0) throw new Error('networks is an empty list: leave it out for a key without limits');
  for (const network of networks ?? []) {
    try {
      networkOf(network);
    } catch {
      throw new Error('networks holds something that is not a CIDR block, as 192.0.2.0/24');
    }
  }
  return networks;
}

export function flagCell(raw: Raw, column: Column, absent: boolean): boolean {
  const given = raw[column];
  const value = typeof given === 'boolean' ? String(given) : textCell(raw, column);
  if (value === undefined) return absent;
  if (/^(true|t|yes|y|1)$/i.test(value)) return true;
  if (/^(false|f|no|n|0)$/i.test(value)) return false;
  throw new Error(`${column} is neither true nor false`);
}

const HEX_LENGTH = 64;

/** SHA-256 in hex, base64 or base64url, to lower-case hex. */
export function hashCell(text: string): string {
  const hash = toHash(text);
  if (hash !== undefined) return hash;
  throw new Error('keyHash is not a SHA-256 hash in hex (64 characters), base64 or base64url (43 or 44)');
}

/** Whether a text is most likely a SHA-256 hash: in base64 one has capitals, small letters and digits. */
export function looksLikeHash(text: string): boolean {
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return toHash(text) !== undefined && (text.length === HEX_LENGTH || isMixed);
}

/** What says of which kind a hash is: `$2b$…`, `{SSHA}…`, `pbkdf2_sha256$…`, `sha256:…`, `0x…`. */
const MARKED_HASH = /^(?:\$[\da-z-]+\$|\{\w+\}|(?:bcrypt|scrypt|argon2|pbkdf2|sha)[\w-]*[$:]|(?:\\x|0x)[\da-f]{32,}$)/i;

/** SHA-512 in hex or base64. */
const LONG_HASH = /^(?:[\da-f]{128}|[\w+/-]{86}==)$/i;

/** Whether a text is most likely a hash that can't be compared with a key's SHA-256. */
export function looksLikeOtherHash(text: string): boolean {
  return MARKED_HASH.test(text) || LONG_HASH.test(text);
}

function toHash(text: string): string | undefined {
  if (text.length === HEX_LENGTH && /^[0-9a-f]+$/i.test(text)) return text.toLowerCase();
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64').toString('hex') : undefined;
}
