import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodeBase62 } from './base62.ts';

/**
 * A key of ours is `<prefix>_<environment>_<keyId>_<secret><checksum>`, for example `gp_live_` + 28 + `_` + 43 + 6
 * characters of base62:
 *
 *     gp _ live _ ................. ........... _ ................... ......
 *                 account locator   random        secret (32 bytes)   CRC-32
 *                 `------- key id, public ----'
 */
export interface ParsedApiKey {
  readonly environment: string;
  /** Public: names the key in logs and commands, and locates its account in the table. */
  readonly keyId: string;
}

/** The most letters of what a key may start with, and of an environment. */
export const PREFIX_WIDTH = 16;
export const ENVIRONMENT_WIDTH = 32;

/** What a key may start with, and the same in words for messages. */
export const KEY_PREFIX = {
  pattern: new RegExp(`^[a-z][a-z0-9]{0,${PREFIX_WIDTH - 1}}$`),
  rule: `at most ${PREFIX_WIDTH} lower-case letters and digits, a letter first`,
} as const;

/** What an environment may be called. */
export const ENVIRONMENT = {
  pattern: new RegExp(`^[a-z0-9]{1,${ENVIRONMENT_WIDTH}}$`),
  rule: `at most ${ENVIRONMENT_WIDTH} lower-case letters and digits`,
} as const;

const LOCATOR_BYTES = 12;
export const LOCATOR_WIDTH = 17;
const NUMBER_BYTES = 8;
const NUMBER_WIDTH = 11;
export const KEY_ID_WIDTH = LOCATOR_WIDTH + NUMBER_WIDTH;
const SECRET_BYTES = 32;
const SECRET_WIDTH = 43;
const CHECKSUM_WIDTH = 6;

const ANY_PREFIX = '[a-z][a-z0-9]*';
const ANY_ENVIRONMENT = '[a-z0-9]+';
const KEY_ID = `[0-9A-Za-z]{${KEY_ID_WIDTH}}`;
const SECRET = `[0-9A-Za-z]{${SECRET_WIDTH + CHECKSUM_WIDTH}}`;

/** What follows the environment of a whole key. */
export const ID_AND_SECRET = `_${KEY_ID}_${SECRET}`;

const SECRET_IN_TWO_LINES = `[0-9A-Za-z]{1,${SECRET_WIDTH + CHECKSUM_WIDTH - 1}}\\r?\\n *[0-9A-Za-z]+`;

/**
 * A secret in a text: what follows the id of a key, be the key cut off there or wrapped; or as much as a whole secret,
 * where the key's beginning is missing. Its one group is the id.
 */
export const SECRET_IN_TEXT = new RegExp(
  `_(${KEY_ID})_(?:${SECRET_IN_TWO_LINES}|[0-9A-Za-z]+)|_${SECRET}(?![0-9A-Za-z])`,
  'g',
);

/**
 * The published shape of a key, for secret scanners: `gp_live_…` and, after a change of prefix, its like.
 *
 * @param prefix the configured key prefix, or nothing for any prefix.
 */
export function apiKeyPattern(prefix = ANY_PREFIX): string {
  return `${prefix}_${ANY_ENVIRONMENT}${ID_AND_SECRET}`;
}

const SHAPE = new RegExp(`^(${ANY_PREFIX})_(${ANY_ENVIRONMENT})_(${KEY_ID})_${SECRET}$`);
const SHAPE_IN_TEXT = new RegExp(apiKeyPattern());
const START_IN_TEXT = new RegExp(`(${ANY_PREFIX})_${ANY_ENVIRONMENT}_([0-9A-Za-z]*)`);
const WHOLE_KEY_ID = new RegExp(`^${KEY_ID}$`);

/**
 * Reads a key, or tells by its form alone that it can't be one: nothing is looked up for those.
 *
 * The checksum catches typing errors and cheap scans; it is no defence, anyone can compute it. Does not tell whether
 * the key exists.
 */
export function parseApiKey(value: string, prefix: string): ParsedApiKey | undefined {
  const [, actualPrefix, environment, keyId] = SHAPE.exec(value) ?? [];
  if (actualPrefix !== prefix || environment === undefined || keyId === undefined) return undefined;
  const body = value.slice(0, -CHECKSUM_WIDTH);
  return value === body + checksum(body) ? { environment, keyId } : undefined;
}

/**
 * Makes a new secret for a key id, and so a whole key: to be shown once and never stored.
 *
 * @param randomBytes must be cryptographically strong.
 */
export function createApiKey(
  { prefix, environment, keyId }: ParsedApiKey & { readonly prefix: string },
  randomBytes: (size: number) => Uint8Array,
): string {
  const body = `${prefix}_${environment}_${keyId}_${encodeBase62(randomBytes(SECRET_BYTES), SECRET_WIDTH)}`;
  return body + checksum(body);
}

/** Finds a whole key of ours in a text, by its form alone: the prefix may be any, the checksum is not looked at. */
export function findApiKey(text: string): { readonly key: string; readonly keyId: string } | undefined {
  const key = SHAPE_IN_TEXT.exec(text)?.[0];
  const keyId = key === undefined ? undefined : SHAPE.exec(key)?.[3];
  return key === undefined || keyId === undefined ? undefined : { key, keyId };
}

/** Finds where a key of ours starts in a text, be it cut off: `rest` is what there is of its id. */
export function findKeyStart(
  text: string,
): { readonly index: number; readonly prefix: string; readonly rest: string } | undefined {
  const found = START_IN_TEXT.exec(text);
  return found === null ? undefined : { index: found.index, prefix: found[1] ?? '', rest: found[2] ?? '' };
}

export function isKeyId(text: string): boolean {
  return WHOLE_KEY_ID.test(text);
}

/** A new key id for a user: where their account lies in the table, and which of its keys it is. */
export function createKeyId(userId: string, randomBytes: (size: number) => Uint8Array): string {
  return accountLocator(userId) + encodeBase62(randomBytes(NUMBER_BYTES), NUMBER_WIDTH);
}

/**
 * The id that a key of another system gets: the same each time, so that importing it again finds it.
 *
 * @param hash SHA-256 of the whole key, hex.
 */
export function importedKeyId(userId: string, hash: string): string {
  const digest = createHash('sha256').update(`imported ${hash}`, 'utf8').digest();
  return accountLocator(userId) + encodeBase62(digest.subarray(0, NUMBER_BYTES), NUMBER_WIDTH);
}

/** The 17 characters that stand for a user id in partition keys and key ids: one way, and the same every time. */
export function accountLocator(userId: string): string {
  const digest = createHash('sha256').update(userId, 'utf8').digest();
  return encodeBase62(digest.subarray(0, LOCATOR_BYTES), LOCATOR_WIDTH);
}

/** The part of a key id that locates its account. */
export function locatorOf(keyId: string): string {
  return keyId.slice(0, LOCATOR_WIDTH);
}

function checksum(body: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return encodeBase62(bytes, CHECKSUM_WIDTH);
}
