import { findKeyAndOwner } from '../authorizer/api-key/key-and-owner.ts';
import { assemble } from '../authorizer/assemble.ts';
import type { Claims } from '../bearer/claims.ts';
import type { Config } from '../config/config.ts';
import { DECISION_MS } from '../deadline.ts';
import type { Allowed, Clock, Denial, DenialReason, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import { hashApiKey } from '../key-format/hash.ts';
import { createReads } from '../table/sdk-reads.ts';
import { createStore, type Store } from '../table/store.ts';
import type { Table } from '../table/table.ts';
import { type Finding, ok, problem } from './check.ts';
import { judgeFetch } from './checks/realm.ts';
import { signingKeyCheck } from './checks/realm-keys.ts';
import { documentOf, type RealmFacts } from './realm-facts.ts';
import { tableProblem } from './table-error.ts';

export interface Surroundings {
  readonly config: Config;
  /** A key needs one; a token is decided without as if no account and no kept key set were in it. */
  readonly table: Table | undefined;
  readonly now: Clock;
}

export type KeyFacts = Awaited<ReturnType<typeof readKey>>;

/** Has the authorizer's own code decide about a key, and reads the key that is named and its account once more. */
export async function readKey(key: string, { config, table, now }: Surroundings) {
  const { store, authorizer } = assembleOn({ config, table, now }, () =>
    Promise.reject(new Error('no realm is asked')),
  );
  const { decision, reason, trace } = await decide('key', (one) => authorizer.authenticateApiKey(key, one), now);
  const { apiKeyId: keyId } = trace;
  const { apiKey, account } = (keyId && (await findKeyAndOwner(store, keyId, trace).catch(() => undefined))) || {};
  return { config, nowMs: now(), decision, reason, key, hash: hashApiKey(key), keyId, apiKey, account };
}

export type TokenFacts = Awaited<ReturnType<typeof readToken>>;

/**
 * Takes a token apart, and has the authorizer's own code decide about it, by the keys in the realm's answer. The claims of
 * a forged token are read too: only the decision and the signature's check tell that it is one.
 */
export async function readToken(token: string, realm: RealmFacts, around: Surroundings) {
  const { config, table, now } = around;
  const jwks = await realm.jwks;
  const judged = [judgeFetch(jwks, realm.timeoutMs), await signingKeyCheck.run(realm)];
  const noKeys = judged.find(({ severity }) => severity === 'problem');
  const { authorizer } = assembleOn(around, async () => {
    if (noKeys !== undefined) throw new Error(noKeys.found);
    return { document: documentOf(jwks), isFromCache: false };
  });
  const { decision, trace } = await decide('token', (one) => authorizer.authenticateBearer(token, one), now, noKeys);
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
    /** The key that the header names; absent if the realm's keys couldn't be fetched. */
    key: await authorizer.realmKeys.find(String(header?.['kid']), trace).catch(() => undefined),
    jwks,
  };
}

function readPart(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    // A copy has the type of an object with values that are not known.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The authorizer as the function puts it together, on this table. It logs nothing. */
function assembleOn({ config, table, now }: Surroundings, fetchJwks: Parameters<typeof assemble>[0]['fetchJwks']) {
  const store =
    table === undefined ? NO_TABLE : createStore({ reads: createReads(table.client), table: table.name, now });
  const writeLine = () => undefined;
  return { store, authorizer: assemble({ config, store, fetchJwks, writeLine, now, random: () => 0 }) };
}

const NO_TABLE: Store = {
  findAccount: async () => undefined,
  findTokenState: async () => ({ account: undefined, notBefore: undefined }),
  findKeySet: async () => undefined,
  findApiKey: () => Promise.reject(new Error('no table was given')),
  findImported: () => Promise.reject(new Error('no table was given')),
};

async function decide(
  what: 'key' | 'token',
  authenticate: (trace: Trace) => Promise<Allowed | Denial>,
  now: Clock,
  noKeys?: Finding,
) {
  const trace: Trace = { deadline: now() + DECISION_MS, tableRequests: 0 };
  const outcome = await authenticate(trace).catch((error: unknown) => {
    if (error instanceof Fault) return error;
    throw error;
  });
  if (outcome instanceof Fault) return { decision: faultProblem(outcome, noKeys), reason: undefined, trace };
  if (outcome.outcome === 'allow') return { decision: ok`It lets the caller through.`, reason: undefined, trace };
  const { reason } = outcome;
  const remedy = remedyFor(reason);
  return { decision: problem`It refuses the ${what} with 401 (${reason}). → ${remedy}`, reason, trace };
}

function remedyFor(reason: DenialReason): string {
  if (reason.startsWith('token.account_')) {
    return 'The account of the user in the table says so, and GATEPASS_ACCOUNT_CHECK is all.';
  }
  if (reason === 'token.revoked') {
    return 'It was issued before its user was logged out, its session ended, or the realm revoked all tokens: get a new one.';
  }
  return 'See what is wrong below. The code is explained in docs/reasons.md.';
}

function faultProblem({ reason, message, cause }: Fault, noKeys: Finding | undefined): Finding {
  const known = reason === 'fault.table' ? tableProblem(cause) : reason === 'fault.realm_keys' ? noKeys : undefined;
  const { found, remedy = '' } = known ?? problem`${message} → See what "gatepass doctor" finds of table and realm.`;
  return problem`None: 503 (${reason}). ${found} → ${remedy}`;
}
