import type { Profile } from './profile.ts';

/** Who is calling: the boundary between how callers prove themselves and what their request carries. */
export type Principal = ApiKeyPrincipal | BearerPrincipal;

interface Caller extends Profile {
  /** Keycloak's `sub`, which is also an account's `userId`. Not empty, no control characters. */
  readonly userId: string;
  /** Space-separated. Information for the backend; not enforced here. */
  readonly scope?: string | undefined;
  /** The first moment at which this principal no longer counts, in epoch seconds, whole. */
  readonly validUntil?: number | undefined;
}

interface ApiKeyPrincipal extends Caller {
  readonly authMethod: 'api_key';
  /** The key's public id; never the key. */
  readonly apiKeyId: string;
  readonly environment: string;
  /** CIDR blocks that requests must come from. Enforced by the policy, on each request, cached or not. */
  readonly allowedNetworks?: readonly string[] | undefined;
}

export interface BearerPrincipal extends Caller {
  readonly authMethod: 'bearer';
  /** The client that the token was issued to (`azp`). */
  readonly clientId?: string | undefined;
  readonly validUntil: number;
}

type AuthMethod = Principal['authMethod'];

/** Every reason to let a request through. Stable, as those to refuse are. */
export const ALLOW_REASONS = ['api_key.valid', 'token.valid', 'preflight'] as const;

export type AllowReason = (typeof ALLOW_REASONS)[number];

/** What a refused caller is told, and all they are told. Fixed texts: gateway responses insert them raw. */
export const PUBLIC_ANSWERS = {
  missing_authorization: 'Authorization header is missing',
  missing_api_key: 'API key is missing',
  invalid_api_key: 'Invalid or inactive API key',
  invalid_token: 'Invalid token payload',
} as const;

export type PublicError = keyof typeof PUBLIC_ANSWERS;

interface DenialRow {
  readonly error: PublicError;
  /** `WARN` is for what a mistake alone seldom explains. */
  readonly level: 'INFO' | 'WARN';
}

const KEY = { error: 'invalid_api_key', level: 'INFO' } as const satisfies DenialRow;
const SUSPECT_KEY = { ...KEY, level: 'WARN' } as const;
const TOKEN = { error: 'invalid_token', level: 'INFO' } as const satisfies DenialRow;
const SUSPECT_TOKEN = { ...TOKEN, level: 'WARN' } as const;

/** Every reason to refuse, with what the caller is told. The keys are stable; docs/reasons.md explains each. */
export const DENIALS = {
  'credentials.missing': { error: 'missing_authorization', level: 'INFO' },
  'credentials.empty': { error: 'missing_api_key', level: 'INFO' },
  'credentials.conflict': SUSPECT_KEY,
  'api_key.malformed': KEY,
  'api_key.unknown': KEY,
  'api_key.secret': SUSPECT_KEY,
  'api_key.leaked': SUSPECT_KEY,
  'api_key.replaced': KEY,
  'api_key.deleted': KEY,
  'api_key.inactive': KEY,
  'api_key.expired': KEY,
  'api_key.environment': KEY,
  'api_key.networks': SUSPECT_KEY,
  'api_key.account_missing': SUSPECT_KEY,
  'api_key.account_mismatch': SUSPECT_KEY,
  'api_key.account_deleted': KEY,
  'api_key.account_disabled': KEY,
  'token.malformed': TOKEN,
  'token.too_large': TOKEN,
  'token.algorithm': SUSPECT_TOKEN,
  'token.critical': SUSPECT_TOKEN,
  'token.issuer': TOKEN,
  'token.key_id': TOKEN,
  'token.unknown_key': SUSPECT_TOKEN,
  'token.unsuitable_key': SUSPECT_TOKEN,
  'token.signature': SUSPECT_TOKEN,
  'token.expiry_missing': SUSPECT_TOKEN,
  'token.expired': TOKEN,
  'token.not_yet_valid': TOKEN,
  'token.issued_in_future': TOKEN,
  'token.type': SUSPECT_TOKEN,
  'token.subject': SUSPECT_TOKEN,
  'token.audience': TOKEN,
  'token.client': TOKEN,
  'token.sender_constrained': TOKEN,
  'token.account_deleted': TOKEN,
  'token.account_disabled': TOKEN,
  'token.revoked': TOKEN,
} as const satisfies Record<string, DenialRow>;

export type DenialReason = keyof typeof DENIALS;

export interface Denial {
  readonly outcome: 'deny';
  readonly reason: DenialReason;
}

export interface Allowed {
  readonly outcome: 'allow';
  readonly principal: Principal;
}

/** An `OPTIONS` request without credentials: let through, to `OPTIONS` and nothing else. */
interface Preflight {
  readonly outcome: 'preflight';
}

export type Decision = Allowed | Denial | Preflight;

export function deny(reason: DenialReason): Denial {
  return { outcome: 'deny', reason };
}

export function allow(principal: Principal): Allowed {
  return { outcome: 'allow', principal };
}

/** What one decision learns on its way, for its log line. Never a credential nor a part of one. */
export interface Trace {
  /** When the decision must have ended, in epoch milliseconds. */
  readonly deadline: number;
  tableRequests: number;
  authMethod?: AuthMethod | undefined;
  userId?: string | undefined;
  apiKeyId?: string | undefined;
  /** Which secret of the key was used; absent if it was neither. */
  secret?: 'current' | 'replaced' | undefined;
  /** Of a replaced secret, when its grace began and ends, in epoch seconds. */
  secretSince?: number | undefined;
  secretUntil?: number | undefined;
  kid?: string | undefined;
  /** Of a token that is too large, in characters. */
  tokenLength?: number | undefined;
}

/** The time in epoch milliseconds: wall-clock, since a Lambda sleeps between requests. */
export type Clock = () => number;
