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

const LOCATOR_BYTES = 12;
const LOCATOR_WIDTH = 17;
const KEY_ID_BYTES = 8;
const KEY_ID_WIDTH = 11;
const SECRET_BYTES = 32;
const SECRET_WIDTH = 43;
const CHECKSUM_WIDTH = 6;

/**
 * The published shape of a key, for secret scanners: `gp_live_…` and, after a change of prefix, its like.
 *
 * @param prefix the configured key prefix, or nothing for any prefix.
 */
export function apiKeyPattern(prefix = '[a-z][a-z0-9]*'): string {
  return (
    `${prefix}_[a-z0-9]+_[0-9A-Za-z]{${LOCATOR_WIDTH + KEY_ID_WIDTH}}` +
    `_[0-9A-Za-z]{${SECRET_WIDTH + CHECKSUM_WIDTH}}`
  );
}

const SHAPE = new RegExp(
  `^([a-z][a-z0-9]*)_([a-z0-9]+)_([0-9A-Za-z]{${LOCATOR_WIDTH + KEY_ID_WIDTH}})` +
    `_[0-9A-Za-z]{${SECRET_WIDTH + CHECKSUM_WIDTH}}$`,
);

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

/** A new key id for a user: where their account lies in the table, and which of its keys it is. */
export function createKeyId(userId: string, randomBytes: (size: number) => Uint8Array): string {
  return accountLocator(userId) + encodeBase62(randomBytes(KEY_ID_BYTES), KEY_ID_WIDTH);
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
