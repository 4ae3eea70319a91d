import { ENVIRONMENT } from '../../key-format/format.ts';
import { hashApiKey } from '../../key-format/hash.ts';
import { type ImportedPrefixes, type KeyForms, type NotImported, whyNotImported } from '../../key-format/imported.ts';
import { PROFILE, type Profile, readProfile } from '../../profile.ts';
import { createRedact, holdsCredential } from '../../redact.ts';
import { environmentOf, optionalTextOf, userIdOf } from '../input.ts';
import {
  flagCell,
  hashCell,
  listCell,
  looksLikeHash,
  looksLikeOtherHash,
  networksCell,
  type Raw,
  textCell,
  wordsCell,
} from './cells.ts';
import { COLUMNS, type Column, isColumn } from './columns.ts';
import { whyGuessable } from './key-strength.ts';
import { momentCell } from './moment.ts';
import type { Words } from './words.ts';

/** What one line of an import asks for: a user, and a key of theirs if it names one. Times are epoch seconds. */
export interface ImportRow extends Profile {
  readonly userId: string;
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
  /** What the function must know as a prefix of imported keys, `*` for any; nothing if only its hash is known. */
  readonly prefix?: string | undefined;
  /** Why it can be guessed, where such keys are allowed. */
  readonly weakness?: string | undefined;
}

/** A line that is not imported, and why. Never holds a key. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused';
}

/** What lines are held to. A plain key that the authorizer, by its configuration, would never look up is refused. */
export interface RowRules extends KeyForms {
  /** Of keys that name none. */
  readonly environment: string;
  /** Whose the lines are that name no user. */
  readonly owner?: string | undefined;
  /** Keys that can be guessed are imported all the same. */
  readonly allowWeak?: boolean | undefined;
  /** What looks like a hash in the column `key` is a key. */
  readonly keysLikeHashes?: boolean | undefined;
}

/**
 * Makes the function that reads one line.
 *
 * It throws RowRefused that says which column is wrong and why.
 */
export function createRowReader(rules: RowRules, words: Words): (raw: Raw) => ImportRow {
  const redact = createRedact(rules.importedPrefixes);
  return (raw) => {
    try {
      const misplaced = COLUMNS.find((column) => column !== 'key' && !isHash(raw[column]) && holdsOne(raw[column]));
      if (misplaced !== undefined)
        throw new Error(`${misplaced} holds a key or a token, whose place is the column key`);
      return readRow(raw, rules, words);
    } catch (error) {
      throw new RowRefused(error instanceof Error ? error.message : String(error), { cause: error });
    }
  };

  /** In base64 it may begin as a token does. */
  function isHash(value: unknown): boolean {
    return typeof value === 'string' && looksLikeHash(value);
  }

  function holdsOne(value: unknown): boolean {
    return [value].flat().some((one) => typeof one === 'string' && holdsCredential(one, redact));
  }
}

function readRow(raw: Raw, rules: RowRules, words: Words): ImportRow {
  const unknown = Object.keys(raw).findIndex((name) => !isColumn(name));
  if (unknown >= 0) throw new Error(`there is no column as number ${unknown + 1} is named: use ${COLUMNS.join(', ')}`);
  const userId = idCell(raw, 'userId') ?? rules.owner;
  if (userId === undefined) throw new Error('userId is missing');
  return {
    userId: userIdOf('userId', userId),
    ...readProfile((name) =>
      PROFILE[name].holds === 'text' ? optionalTextOf(name, textCell(raw, name)) : listOf(raw, name),
    ),
    userActive: flagCell(raw, 'userActive', true),
    userDeleted: flagCell(raw, 'userDeleted', false),
    key: parseKey(raw, rules, words),
  };
}

function parseKey(raw: Raw, rules: RowRules, words: Words): ImportedKey | undefined {
  const key = idCell(raw, 'key');
  const keyHash = textCell(raw, 'keyHash');
  if (key !== undefined && keyHash !== undefined) throw new Error('key and keyHash are both given: give one of them');
  if (key === undefined && keyHash === undefined) return undefined;
  const createdAt = momentCell(textCell(raw, 'createdAt'), 'createdAt');
  const expiresAt = momentCell(textCell(raw, 'expiresAt'), 'expiresAt');
  if (expiresAt !== undefined && expiresAt <= (createdAt ?? 0)) throw new Error('expiresAt is not after createdAt');
  return {
    ...(key !== undefined ? readKey(key, rules, words) : { hash: hashCell(keyHash ?? '') }),
    name: optionalTextOf('name', textCell(raw, 'name')) ?? 'imported',
    environment: environmentCell(raw) ?? rules.environment,
    scope: optionalTextOf('scope', wordsCell(raw, 'scope')),
    allowedNetworks: networksCell(raw),
    active: flagCell(raw, 'active', true),
    deleted: flagCell(raw, 'deleted', false),
    createdAt,
    expiresAt,
  };
}

const NOT_IMPORTED: Readonly<Record<Exclude<NotImported, 'own_prefix'>, string>> = {
  prefix: 'key starts with none of GATEPASS_IMPORTED_PREFIXES, so it would never be looked up',
  characters: 'key has characters that no header carries, or too many',
};

function readKey(key: string, rules: RowRules, words: Words): Pick<ImportedKey, 'hash' | 'prefix' | 'weakness'> {
  const unfit = whyNotImported(key, rules);
  if (unfit === 'own_prefix') throw new Error(`key starts with ${rules.keyPrefix}_, as only keys of ours do`);
  if (unfit !== undefined) throw new Error(NOT_IMPORTED[unfit]);
  // What starts with a prefix is a key for certain.
  const prefix = prefixOf(key, rules.importedPrefixes);
  if (prefix === '*' && rules.keysLikeHashes !== true) refuseHash(key);
  const weakness = whyGuessable(key, words);
  if (weakness !== undefined && rules.allowWeak !== true) throw new Error(`key can be guessed: ${weakness}`);
  return { hash: hashApiKey(key), prefix, weakness };
}

function refuseHash(key: string): void {
  const orKey = 'or give --keys-like-hashes if it is a key';
  if (looksLikeHash(key)) throw new Error(`key looks like a SHA-256 hash: name the column keyHash, ${orKey}`);
  if (!looksLikeOtherHash(key)) return;
  throw new Error(`key looks like a hash: give the key, or its SHA-256 alone as keyHash; ${orKey}`);
}

/** How most systems' keys start. One base64 hash in a hundred starts so by chance. */
const NAME = /^(?:[a-z]{2,10}|[A-Z]{2,10})[_-]/;

/** The prefix by which the key is known; without a list to go by, the name before its first separator. */
function prefixOf(key: string, prefixes: ImportedPrefixes): string {
  const known = prefixes === 'any' ? [] : prefixes;
  return known.find((prefix) => key.startsWith(prefix)) ?? NAME.exec(key)?.[0] ?? '*';
}

/** What programs write into an id that isn't theirs. Several users or keys would become one, or none would be known. */
const SPOILED = [
  { by: /^\d([.,]\d+)?E\+\d+$/, is: 'is a number that a spreadsheet has shortened: export the column as text' },
  { by: /^["'`=]/, is: 'begins with a quote or an equals sign, which is not its own: export the column as plain text' },
  {
    by: /^(?:null|nil|none|undefined|nan|\\N|#(?:N\/A|REF!|NAME\?|VALUE!|NULL!|NUM!|DIV\/0!))$/i,
    is: 'is what programs write where there is nothing: leave it empty',
  },
] as const;

/** A value that tells one from all others. */
function idCell(raw: Raw, column: Column): string | undefined {
  const value = textCell(raw, column);
  const spoiled = value === undefined ? undefined : SPOILED.find(({ by }) => by.test(value));
  if (spoiled !== undefined) throw new Error(`${column} ${spoiled.is}`);
  return value;
}

function listOf(raw: Raw, column: Column): string[] | undefined {
  const list = listCell(raw, column);
  return list?.length === 0 ? undefined : list;
}

function environmentCell(raw: Raw): string | undefined {
  const value = textCell(raw, 'environment');
  if (value === undefined) return undefined;
  try {
    return environmentOf(value);
  } catch {
    throw new Error(`environment is not the name of one, as live: ${ENVIRONMENT.rule}`);
  }
}
