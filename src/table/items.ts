import * as v from 'valibot';
import { accountLocator, locatorOf } from '../key-format/format.ts';

/**
 * The shapes of the table's items. Attributes may be absent, and what is absent is never good; an attribute of the
 * wrong type makes the item unreadable, which is a fault and not a refusal. Other attributes are ignored.
 *
 * Times are epoch seconds, whole.
 */
const epochSeconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(253_402_300_799));
const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const userId = v.pipe(v.string(), v.nonEmpty(), v.regex(/^\P{Cc}*$/u));

export const accountSchema = v.object({
  userId,
  email: v.optional(v.string()),
  firstName: v.optional(v.string()),
  lastName: v.optional(v.string()),
  /** Realm roles, as in a token's `realm_access.roles`. */
  roles: v.optional(v.array(v.string())),
  active: v.optional(v.boolean()),
  deleted: v.optional(v.boolean()),
  keyCount: v.optional(v.number()),
  createdAt: v.optional(epochSeconds),
  updatedAt: v.optional(epochSeconds),
});

export const apiKeySchema = v.object({
  userId,
  name: v.optional(v.string()),
  environment: v.optional(v.string()),
  /** SHA-256 of the whole key, hex. */
  hash: v.optional(sha256Hex),
  active: v.optional(v.boolean()),
  deleted: v.optional(v.boolean()),
  createdAt: v.optional(epochSeconds),
  updatedAt: v.optional(epochSeconds),
  /** The first second at which the key no longer works. */
  expiresAt: v.optional(epochSeconds),
  scope: v.optional(v.string()),
  /** CIDR blocks. Never empty: a key without limits has none. */
  allowedNetworks: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  /** The hash of the secret that a rotation replaced, which works until `replacedUntil`. */
  replacedHash: v.optional(sha256Hex),
  replacedUntil: v.optional(epochSeconds),
  /** When DynamoDB may remove the item (the table's TTL attribute). Never looked at in a decision. */
  purgeAt: v.optional(epochSeconds),
});

export const pointerSchema = v.object({
  /** The account's locator, as in its partition key. */
  account: v.pipe(v.string(), v.length(17)),
  keyId: v.pipe(v.string(), v.length(28)),
});

export const keySetSchema = v.object({
  /** A JWK Set, as JSON in a string. */
  jwks: v.string(),
  /** When it was fetched. */
  fetchedAt: epochSeconds,
});

export type Account = v.InferOutput<typeof accountSchema>;
export type ApiKeyItem = v.InferOutput<typeof apiKeySchema>;
export type Pointer = v.InferOutput<typeof pointerSchema>;
export type KeySetItem = v.InferOutput<typeof keySetSchema>;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export function accountKey(userId: string): ItemKey {
  return { pk: `account#${accountLocator(userId)}`, sk: 'account' };
}

/** The account of a key, found by the key's id alone. */
export function accountKeyOf(keyId: string): ItemKey {
  return { pk: `account#${locatorOf(keyId)}`, sk: 'account' };
}

export function apiKeyKey(keyId: string): ItemKey {
  return { pk: `account#${locatorOf(keyId)}`, sk: `key#${keyId}` };
}

export function importedKey(hash: string): ItemKey {
  return { pk: `imported#${hash}`, sk: 'key' };
}

/** The last good key set of a realm. */
export function keySetKey(issuer: string): ItemKey {
  return { pk: `jwks#${issuer}`, sk: 'jwks' };
}
