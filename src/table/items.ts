import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { accountLocator, KEY_ID_WIDTH, LOCATOR_WIDTH, locatorOf } from '../key-format/format.ts';
import { PROFILE, PROFILE_NAMES, type ProfileName } from '../profile.ts';
import { LAST_SECOND } from '../seconds.ts';

/**
 * The shapes of the table's items. Attributes may be absent, and what is absent is never good; an attribute of the
 * wrong type makes the item unreadable, which is a fault and not a refusal. Other attributes are ignored.
 *
 * Times are epoch seconds, whole.
 */
export const epochSeconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(LAST_SECOND));
const sha256Hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
export const userId = v.pipe(v.string(), v.nonEmpty(), v.regex(/^\P{Cc}*$/u));

const HELD = { text: v.optional(v.string()), texts: v.optional(v.array(v.string())) } as const;

// Object.fromEntries() forgets which attribute holds what.
const profileEntries = Object.fromEntries(PROFILE_NAMES.map((name) => [name, HELD[PROFILE[name].holds]])) as {
  readonly [Name in ProfileName]: (typeof HELD)[(typeof PROFILE)[Name]['holds']];
};

export const accountSchema = v.object({
  /** Absent in what is left of a deleted account. */
  userId: v.optional(userId),
  ...profileEntries,
  active: v.optional(v.boolean()),
  deleted: v.optional(v.boolean()),
  /** Whom the account was moved to: the keys beside it are theirs. */
  movedTo: v.optional(userId),
  /** The locators of accounts that were moved into this one: keys of its owner lie there too. */
  movedFrom: v.optional(v.array(v.pipe(v.string(), v.length(LOCATOR_WIDTH)))),
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
  /** The hash of a secret that was found in public while it was the current one: never good again. */
  leakedHash: v.optional(sha256Hex),
  /** When the key last got a new secret. */
  rotatedAt: v.optional(epochSeconds),
  /** When DynamoDB may remove the item (the table's TTL attribute). Never looked at in a decision. */
  purgeAt: v.optional(epochSeconds),
});

export const pointerSchema = v.object({
  /** Absent in what is left of a deleted key. */
  keyId: v.optional(v.pipe(v.string(), v.length(KEY_ID_WIDTH))),
  deleted: v.optional(v.boolean()),
});

export const keySetSchema = v.object({
  /** A JWK Set, as JSON in a string. */
  jwks: v.string(),
  /** When it was fetched. */
  fetchedAt: epochSeconds,
});

/** What ends tokens before they expire: those of a user, of one of their sessions, or of all the realm's users. */
export const revocationSchema = v.object({
  /** Tokens that were issued at or before it are refused. */
  notBefore: epochSeconds,
});

export type Account = v.InferOutput<typeof accountSchema>;
export type ApiKeyItem = v.InferOutput<typeof apiKeySchema>;
export type Pointer = v.InferOutput<typeof pointerSchema>;
export type KeySetItem = v.InferOutput<typeof keySetSchema>;

/** Where an item lies. */
export interface PrimaryKey {
  readonly pk: string;
  readonly sk: string;
}

export function accountAt(userId: string): PrimaryKey {
  return accountAtLocator(accountLocator(userId));
}

export function accountAtLocator(locator: string): PrimaryKey {
  return { pk: partitionOf(locator), sk: ACCOUNT };
}

/** The account in whose partition a key lies, found by the key's id alone. */
export function accountBeside(keyId: string): PrimaryKey {
  return accountAtLocator(locatorOf(keyId));
}

export function apiKeyAt(keyId: string): PrimaryKey {
  return { pk: partitionOf(locatorOf(keyId)), sk: KEY + keyId };
}

export function importedAt(hash: string): PrimaryKey {
  return { pk: `imported#${hash}`, sk: 'key' };
}

/** What revokes the tokens of a user, whether or not they have an account. */
export function revokedUserAt(userId: string): PrimaryKey {
  return revokedOf(userId, 'user');
}

/** What revokes the tokens of one of a user's sessions, by its `sid`. */
export function revokedSessionAt(userId: string, sessionId: string): PrimaryKey {
  return revokedOf(userId, `session#${sessionId}`);
}

/** What revokes the tokens of all users of a realm. */
export function revokedRealmAt(issuer: string): PrimaryKey {
  // No user's partition has this name, whose locators are longer.
  return { pk: 'revoked#realm', sk: issuer };
}

function revokedOf(userId: string, sk: string): PrimaryKey {
  return { pk: `revoked#${accountLocator(userId)}`, sk };
}

/** The partition of an account and its keys. */
export function partitionOf(locator: string): string {
  return `account#${locator}`;
}

/** The sort key of every account, and how that of every API key starts. */
export const ACCOUNT = 'account';
export const KEY = 'key#';

/** The partition of the users whose accounts the sync has still to look up. */
export const UNCONFIRMED = 'unconfirmed';

/** The last good key set of a realm. */
export function keySetAt(issuer: string): PrimaryKey {
  return { pk: `jwks#${issuer}`, sk: 'jwks' };
}

/**
 * Reads an item by the shape that it must have.
 *
 * @throws Fault `fault.item` that names the attributes and holds no value of theirs, since one may be a key by mistake.
 */
export function parseItem<Schema extends v.GenericSchema>(
  schema: Schema,
  item: unknown,
  { sk }: Pick<PrimaryKey, 'sk'>,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, item);
  if (result.success) return result.output;
  const attributes = result.issues.map((issue) => v.getDotPath(issue) ?? '(item)');
  throw new Fault('fault.item', `The item ${sk} of the table is not readable: see ${attributes.join(', ')}.`);
}
