import { assemble } from '../authorizer/assemble.ts';
import type { Claims } from '../bearer/claims.ts';
import type { FetchedJwks } from '../bearer/fetch-jwks.ts';
import type { RealmKey } from '../bearer/jwks.ts';
import type { Config } from '../config/config.ts';
import { DECISION_MS } from '../deadline.ts';
import type { Allowed, Clock, Denial, DenialReason, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import { hashApiKey } from '../key-format/hash.ts';
import type { Account, ApiKeyItem } from '../table/items.ts';
import { createStore, type Store } from '../table/store.ts';
import type { Table } from '../table/table.ts';
import { type Finding, ok, problem } from './check.ts';
import { judgeFetch } from './checks/realm.ts';
import { signingKeyCheck } from './checks/realm-keys.ts';
import { type Asked, documentOf, type RealmFacts } from './realm-facts.ts';
import { tableProblem } from './table-error.ts';

/** Nothing is logged, and no two ask at once. */
const QUIET = { writeLine: () => undefined, random: () => 0 };

interface Facts {
  readonly config: Config;
  readonly nowMs: number;
  readonly decision: Finding;
}

/** An API key, what the authorizer decides about it, and what it looks at for that. */
export interface KeyFacts extends Facts {
  readonly key: string;
  readonly hash: string;
  /** Whether the authorizer found no such key. */
  readonly isUnknown: boolean;
  /** What the key names, or its pointer does; absent if neither names a key. */
  readonly keyId: string | undefined;
  readonly apiKey: ApiKeyItem | undefined;
  readonly account: Account | undefined;
}

/** A token taken apart, and what the authorizer decides about it. What a forged token claims is a claim here too. */
export interface TokenFacts extends Facts {
  readonly token: string;
  readonly header: Claims;
  readonly claims: Claims;
  /** Whether header and claims could be read. */
  readonly isReadable: boolean;
  /** The key that the header names; absent if the realm's keys couldn't be fetched. */
  readonly key: RealmKey | 'unknown' | undefined;
  readonly jwks: Asked;
}

export interface Surroundings {
  readonly config: Config;
  /** A key needs one; a token is decided without as if no account and no kept key set were in it. */
  readonly table: Table | undefined;
  readonly now: Clock;
}

/** Has the authorizer's own code decide about a key, and reads its items once more. */
export async function readKey(key: string, { config, table, now }: Surroundings): Promise<KeyFacts> {
  const store = storeOn(table, now);
  const fetchJwks = () => Promise.reject(new Error('a key needs no realm'));
  const { authenticateApiKey } = assemble({ config, store, fetchJwks, ...QUIET, now });
  const { decision, reason, trace } = await decide('key', (one) => authenticateApiKey(key, one), now);
  const keyId = trace.apiKeyId;
  const { apiKey, account } = (keyId && (await store.findApiKey(keyId, trace).catch(() => undefined))) || {};
  const isUnknown = reason === 'api_key.unknown';
  return { config, nowMs: now(), decision, key, hash: hashApiKey(key), isUnknown, keyId, apiKey, account };
}

/** Has the authorizer's own code decide about a token, by the keys that the realm has answered. */
export async function readToken(
  token: string,
  realm: RealmFacts,
  { config, table, now }: Surroundings,
): Promise<TokenFacts> {
  const jwks = await realm.jwks;
  const noKeys = [judgeFetch(jwks, realm.timeoutMs), await signingKeyCheck.run(realm)].find(
    ({ severity }) => severity === 'problem',
  );
  async function fetchJwks(): Promise<FetchedJwks> {
    if (noKeys !== undefined) throw new Error(noKeys.found);
    return { document: documentOf(jwks), isFromCache: false };
  }
  const store = storeOn(table, now);
  const { authenticateBearer, realmKeys } = assemble({ config, store, fetchJwks, ...QUIET, now });
  const { decision, trace } = await decide('token', (one) => authenticateBearer(token, one), now, noKeys);
  const isAccountUnread = decision.severity === 'ok' && config.accountCheck === 'all' && table === undefined;
  const [header, claims] = token.split('.').map(readPart);
  return {
    config,
    nowMs: now(),
    decision: isAccountUnread
      ? ok`It lets the caller through, if the account of the user does: without a table that was not looked up.`
      : decision,
    token,
    header: header ?? {},
    claims: claims ?? {},
    isReadable: header !== undefined && claims !== undefined,
    key: await realmKeys.find(String(header?.['kid']), trace).catch(() => undefined),
    jwks,
  };
}

function readPart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    // A copy: of an object, whatever it holds, nothing but unknown values is claimed.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

interface Decided {
  readonly decision: Finding;
  readonly reason?: DenialReason;
  /** What the authorizer has learned on its way. */
  readonly trace: Trace;
}

async function decide(
  what: 'key' | 'token',
  authenticate: (trace: Trace) => Promise<Allowed | Denial>,
  now: Clock,
  noKeys?: Finding,
): Promise<Decided> {
  const trace: Trace = { deadline: now() + DECISION_MS, tableRequests: 0 };
  try {
    const outcome = await authenticate(trace);
    if (outcome.outcome === 'allow') return { decision: ok`It lets the caller through.`, trace };
    const { reason } = outcome;
    const remedy = reason.startsWith('token.account_')
      ? 'The account of the user in the table says so, and GATEPASS_ACCOUNT_CHECK is all.'
      : 'See what is wrong below. The code is explained in docs/reasons.md.';
    return { decision: problem`It refuses the ${what} with 401 (${reason}). → ${remedy}`, reason, trace };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { reason, message, cause } = error;
    const known = reason === 'fault.table' ? tableProblem(cause) : reason === 'fault.realm_keys' ? noKeys : undefined;
    const { found, remedy } =
      known ?? problem`${message} → See what "gatepass doctor" finds of the table and the realm.`;
    return { decision: problem`None: 503 (${reason}). ${found} → ${remedy ?? ''}`, trace };
  }
}

function storeOn(table: Table | undefined, now: Clock): Store {
  if (table !== undefined) return createStore({ client: table.client, table: table.name, now });
  const unasked = () => Promise.reject(new Error('no table was given'));
  const nothing = async () => undefined;
  return { findAccount: nothing, findKeySet: nothing, findApiKey: unasked, findImported: unasked };
}
