import { isIP } from 'node:net';
import { ENVIRONMENT, KEY_PREFIX } from '../key-format/format.ts';
import { PROFILE, PROFILE_NAMES, type Profile, type ProfileName } from '../profile.ts';
import { holdsCredential } from '../redact.ts';
import { LAST_SECOND } from '../seconds.ts';
import type { AccountRecord } from '../table/accounts.ts';
import { AdminError } from './admin-error.ts';

const MAX_TEXT = 256;

/** Text that can be stored and handed on: trimmed by its giver, not empty, without control characters or credentials. */
export function textOf(what: string, value: string): string {
  const isGood = /^\P{Cc}+$/u.test(value) && value.trim() === value && value.length <= MAX_TEXT;
  if (holdsCredential(value)) throw new AdminError('invalid_input', `The ${what} holds a key or a token.`);
  if (isGood) return value;
  throw new AdminError(
    'invalid_input',
    `The ${what} must be 1 to ${MAX_TEXT} characters without control characters or spaces around it.`,
  );
}

/** What is not seen comes along with a copied text: the id would look like another's and be its own. */
const INVISIBLE = /[\p{Cf}\p{Zl}\p{Zp}]/u;

/** A user's id, which is a segment of a path of Keycloak's Admin API: a dot segment would be taken out of it. */
export function userIdOf(what: string, value: string): string {
  if (value === '.' || value === '..') {
    throw new AdminError('invalid_input', `The ${what} must not be . or .., which no path of the realm can have.`);
  }
  if (INVISIBLE.test(value)) {
    throw new AdminError(
      'invalid_input',
      `The ${what} has a character that is not seen: type it, or copy it elsewhere.`,
    );
  }
  return textOf(what, value);
}

/** Whether a user of the realm can have an account. */
export function isUserId(value: string): boolean {
  try {
    return userIdOf('user id', value) === value;
  } catch {
    return false;
  }
}

/** A text that may be left out; an empty text is left out. */
export function optionalTextOf(what: string, value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : textOf(what, value);
}

/**
 * A profile as it may be stored; what is empty is left out.
 *
 * @throws AdminError `invalid_input`
 */
export function profileOf(given: Profile): StoredProfile {
  const entries = PROFILE_NAMES.map((name) => [name, storedValue(PROFILE[name].label, given[name])]);
  // Each value is of the type that it was given as.
  return Object.fromEntries(entries) as StoredProfile;
}

type StoredProfile = Pick<AccountRecord, ProfileName>;

function storedValue(label: string, value: Profile[ProfileName]): string | string[] | undefined {
  if (value === undefined || typeof value === 'string') return optionalTextOf(label, value);
  return value.length === 0 ? undefined : value.map((one) => textOf(label, one));
}

export function environmentOf(value: string): string {
  if (ENVIRONMENT.pattern.test(value)) return value;
  throw new AdminError('invalid_input', `The environment ${value} must be ${ENVIRONMENT.rule}, as "live".`);
}

/** How keys start, as the authorizer's configuration allows it. */
export function prefixOf(value: string): string {
  if (KEY_PREFIX.pattern.test(value)) return value;
  throw new AdminError('invalid_input', `The prefix ${value} must be ${KEY_PREFIX.rule}, as "gp".`);
}

/** A moment in epoch seconds. */
export function momentOf(what: string, value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= LAST_SECOND) return value;
  throw new AdminError('invalid_input', `The ${what} must be in whole epoch seconds and before the year 10000.`);
}

/** A CIDR block as IAM's `NotIpAddress` takes it. */
export function networkOf(value: string): string {
  const [address = '', bits, extra] = value.split('/');
  const family = address.includes('%') ? 0 : isIP(address); // IAM knows no zones
  const prefix = /^(?:0|[1-9]\d{0,2})$/.test(bits ?? '') ? Number(bits) : Number.NaN;
  if (family === 0 || extra !== undefined || !(prefix <= (family === 4 ? 32 : 128))) {
    throw new AdminError('invalid_input', `The network ${value} is not a CIDR block, as 192.0.2.0/24.`);
  }
  return value;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** A duration like `90d`, in seconds. Units: s, m, h, d, w. */
export function durationOf(value: string): number {
  const [, amount, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(value) ?? [];
  const seconds = Number(amount) * (UNIT_SECONDS[unit] ?? Number.NaN);
  if (seconds > 0) return seconds;
  throw new AdminError('invalid_input', `The duration ${value} must be a number and a unit (s, m, h, d, w), as 90d.`);
}
