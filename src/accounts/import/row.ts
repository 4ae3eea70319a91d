import * as v from 'valibot';
import { hashApiKey } from '../../key-format/hash.ts';
import { type KeyForms, type NotImported, whyNotImported } from '../../key-format/imported.ts';
import { createRedact, holdsCredential } from '../../redact.ts';
import { environmentOf, networkOf, optionalTextOf, textOf } from '../input.ts';
import { estimateEntropy, MIN_ENTROPY_BITS } from './entropy.ts';

/** What one line of an import asks for: a user, and a key of theirs if it names one. Times are epoch seconds. */
export interface ImportRow {
  readonly userId: string;
  readonly email?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly roles?: string[] | undefined;
  readonly userActive: boolean;
  readonly userDeleted: boolean;
  readonly key?: ImportedKey | undefined;
}

export interface ImportedKey {
  /** SHA-256 of the whole key, hex. */
  readonly hash: string;
  readonly name: string;
  readonly environment: string;
  readonly scope?: string | undefined;
  readonly allowedNetworks?: string[] | undefined;
  readonly active: boolean;
  readonly deleted: boolean;
  readonly createdAt?: number | undefined;
  readonly expiresAt?: number | undefined;
}

/** A line that is not imported, and why. Never holds a key. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';
}

/** A plain key that the authorizer, by its configuration, would never look up is refused. */
export interface RowRules extends KeyForms {
  readonly environment: string;
}

/** The columns of a CSV file and the members of a JSON line. */
export const COLUMNS = [
  'userId',
  'email',
  'firstName',
  'lastName',
  'roles',
  'userActive',
  'userDeleted',
  'key',
  'keyHash',
  'name',
  'environment',
  'scope',
  'networks',
  'active',
  'deleted',
  'createdAt',
  'expiresAt',
] as const;

type Column = (typeof COLUMNS)[number];

/**
 * Reads one line.
 *
 * @throws RowRefused that says which column is wrong and why.
 */
export function parseRow(raw: Readonly<Record<string, unknown>>, rules: RowRules): ImportRow {
  try {
    return read(raw, rules);
  } catch (error) {
    throw new RowRefused(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function read(raw: Readonly<Record<string, unknown>>, rules: RowRules): ImportRow {
  // Not by name: of a file without a header line, the first line's cells are the names, a key among them.
  const known = new Set<string>(COLUMNS);
  const unknown = Object.keys(raw).findIndex((name) => !known.has(name));
  if (unknown >= 0) throw new Error(`there is no column as number ${unknown + 1} is named: use ${COLUMNS.join(', ')}`);
  const redact = createRedact(rules.importedPrefixes);
  for (const column of COLUMNS.filter((name) => name !== 'key')) {
    const holdsOne = [raw[column]].flat().some((value) => holdsCredential(String(value), redact));
    if (holdsOne) throw new Error(`${column} holds a key or a token, which may stand in the column key alone`);
  }
  const cell = (column: Column) => textCell(raw, column);
  const userId = cell('userId');
  if (userId === undefined) throw new Error('userId is missing');
  return {
    userId: textOf('userId', userId),
    email: optionalTextOf('email', cell('email')),
    firstName: optionalTextOf('firstName', cell('firstName')),
    lastName: optionalTextOf('lastName', cell('lastName')),
    roles: listCell(raw, 'roles'),
    userActive: flagCell(cell('userActive'), true, 'userActive'),
    userDeleted: flagCell(cell('userDeleted'), false, 'userDeleted'),
    key: parseKey(raw, rules),
  };
}

function parseKey(raw: Readonly<Record<string, unknown>>, rules: RowRules): ImportedKey | undefined {
  const cell = (column: Column) => textCell(raw, column);
  const key = cell('key');
  const keyHash = cell('keyHash');
  if (key !== undefined && keyHash !== undefined) throw new Error('key and keyHash are both given: give one of them');
  if (key === undefined && keyHash === undefined) return undefined;
  if (key !== undefined) assertGoodKey(key, rules);
  return {
    hash: key !== undefined ? hashApiKey(key) : hashCell(keyHash ?? ''),
    name: optionalTextOf('name', cell('name')) ?? 'imported',
    environment: environmentOf(cell('environment') ?? rules.environment),
    scope: optionalTextOf('scope', cell('scope')),
    allowedNetworks: listCell(raw, 'networks')?.map(networkOf),
    active: flagCell(cell('active'), true, 'active'),
    deleted: flagCell(cell('deleted'), false, 'deleted'),
    createdAt: timeCell(cell('createdAt'), 'createdAt'),
    expiresAt: timeCell(cell('expiresAt'), 'expiresAt'),
  };
}

const NOT_IMPORTED: Readonly<Record<Exclude<NotImported, 'own_prefix'>, string>> = {
  prefix: 'key starts with none of GATEPASS_IMPORTED_PREFIXES, so it would never be looked up',
  characters: 'key has characters that no header carries, or too many',
};

function assertGoodKey(key: string, rules: RowRules): void {
  const unfit = whyNotImported(key, rules);
  if (unfit === 'own_prefix') throw new Error(`key starts with ${rules.keyPrefix}_, as only keys of ours do`);
  if (unfit !== undefined) throw new Error(NOT_IMPORTED[unfit]);
  const bits = estimateEntropy(key);
  if (bits < MIN_ENTROPY_BITS) {
    throw new Error(`key can be guessed: about ${bits} bits, and ${MIN_ENTROPY_BITS} are the least`);
  }
}

/** SHA-256 in hex, base64 or base64url, to lower-case hex. */
function hashCell(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  if (/^[\w+/-]{43}=?$/.test(text)) return Buffer.from(text, 'base64').toString('hex');
  throw new Error('keyHash is not a SHA-256 hash in hex (64 characters), base64 or base64url (43 or 44)');
}

function textCell(raw: Readonly<Record<string, unknown>>, column: Column): string | undefined {
  const value = raw[column];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'object') throw new Error(`${column} is not a text`);
  return String(value);
}

/** A list: an array in JSON, words separated by spaces in CSV. */
function listCell(raw: Readonly<Record<string, unknown>>, column: Column): string[] | undefined {
  const value = raw[column];
  const words = Array.isArray(value)
    ? v.parse(v.array(v.string(`${column} holds something that is not a text`)), value)
    : (textCell(raw, column)?.split(/\s+/).filter(Boolean) ?? []);
  // An empty list is none: a key with no networks at all would be unreadable.
  return words.length === 0 ? undefined : words.map((word) => textOf(column, word));
}

function flagCell(value: string | undefined, absent: boolean, column: Column): boolean {
  if (value === undefined) return absent;
  if (/^(true|t|yes|1)$/i.test(value)) return true;
  if (/^(false|f|no|0)$/i.test(value)) return false;
  throw new Error(`${column} is neither true nor false`);
}

/** Epoch seconds, or a date as ISO 8601 writes it. */
function timeCell(value: string | undefined, column: Column): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value);
  // A time without its offset would be read in the time zone of whoever runs the import.
  const isWhole = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?))?$/.test(value);
  const seconds = isWhole ? Math.floor(Date.parse(value) / 1000) : Number.NaN;
  if (seconds >= 0) return seconds;
  throw new Error(`${column} is neither a date (2026-11-24T08:15:30Z) nor epoch seconds`);
}
