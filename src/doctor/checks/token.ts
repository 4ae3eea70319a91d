import { createBearerAuthenticator } from '../../bearer/authenticate.ts';
import type { Claims } from '../../bearer/claims.ts';
import type { RealmKeySet } from '../../bearer/jwks.ts';
import { checkHeader, checkSignature, decompose, MAX_TOKEN_LENGTH } from '../../bearer/jws.ts';
import type { Config } from '../../config/config.ts';
import { DECISION_MS } from '../../deadline.ts';
import type { Clock } from '../../decision.ts';
import { Fault } from '../../fault.ts';
import type { Store } from '../../table/store.ts';
import { ok, problem, skipped, type Verdict } from '../check.ts';
import { describeShape } from './token-remedies.ts';
import { checkTokenTimes } from './token-times.ts';
import { examineClaims, examineProof, type Outcome, type TokenVerdicts } from './token-verdicts.ts';

export interface TokenParts {
  /** The realm's key set as it is now; absent if it couldn't be fetched. */
  readonly keys: RealmKeySet | undefined;
  readonly config: Pick<Config, 'issuer' | 'audience' | 'clients' | 'accountCheck'>;
  /** Needed only if the configuration has tokens' accounts checked; without one they aren't. */
  readonly store?: Pick<Store, 'findAccount'> | undefined;
  readonly now: Clock;
}

/**
 * Says what the authorizer decides about a token, by the authorizer's own code, and how each of the things that it
 * looks at is: the decision alone names but the first that is wrong.
 *
 * What it says of the claims, it says of a forged token too: see `token.signature`. Holds no part of the token but
 * single values of its header and claims.
 */
export async function examineToken(token: string, parts: TokenParts): Promise<TokenVerdicts> {
  const { config, now } = parts;
  const decided = await decide(token, parts);
  const isAccountUnseen = config.accountCheck === 'all' && parts.store === undefined;
  const decision = describeDecision(decided, isAccountUnseen);
  const { header, claims } = decode(token);
  const jwt = decided === 'token.too_large' ? undefined : decompose(token);
  if (jwt === undefined || header === undefined || claims === undefined) return unreadable(token, decision);

  return {
    'token.decision': decision,
    'token.shape': ok(`A signed token of ${token.length} characters (${MAX_TOKEN_LENGTH} at most).`),
    ...examineProof(proofOf(jwt, parts.keys), header, claims),
    'token.times': checkTokenTimes(claims, now()),
    ...examineClaims(claims, config),
  };
}

/** The authorizer judges the claims before the signature. What header and signature are worth is told without them. */
function proofOf(jwt: NonNullable<ReturnType<typeof decompose>>, keys: RealmKeySet | undefined): Outcome {
  const unfit = checkHeader(jwt.header);
  if (unfit !== undefined) return unfit;
  if (keys === undefined) return keysMissing();
  return checkSignature(jwt, keys.get(jwt.header.kid ?? '') ?? 'unknown') ?? 'allow';
}

function keysMissing(): Fault {
  return new Fault('fault.realm_keys', "The realm's keys could not be fetched.");
}

async function decide(token: string, { keys, config, store, now }: TokenParts): Promise<Outcome> {
  const authenticate = createBearerAuthenticator({
    realmKeys: {
      async find(kid) {
        if (keys === undefined) throw keysMissing();
        return keys.get(kid) ?? 'unknown';
      },
    },
    store: store ?? { findAccount: async () => undefined },
    now,
    ...config,
  });
  try {
    const decision = await authenticate(token, { deadline: now() + DECISION_MS, tableRequests: 0 });
    return decision.outcome === 'allow' ? 'allow' : decision.reason;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function describeDecision(outcome: Outcome, isAccountUnseen: boolean): Verdict {
  if (outcome === 'allow' && isAccountUnseen) {
    return ok('It lets the caller through, if the account of the user does: without a table that was not looked up.');
  }
  if (outcome === 'allow') return ok('It lets the caller through.');
  if (outcome instanceof Fault) {
    return problem(
      `None: 503 (${outcome.reason}). ${outcome.message}`,
      'See the checks of the realm and the table above.',
    );
  }
  const todo =
    outcome === 'token.account_deleted' || outcome === 'token.account_disabled'
      ? 'The account of the user in the table says so, and GATEPASS_ACCOUNT_CHECK is all.'
      : 'See what is wrong below. The code is explained in docs/reasons.md.';
  return problem(`It refuses the token with 401 (${outcome}).`, todo);
}

function unreadable(token: string, decision: Verdict): TokenVerdicts {
  const unread = skipped('The token can not be read.');
  return {
    'token.decision': decision,
    'token.shape': problem(describeShape(token), 'Give the access token as Keycloak issued it, whole and alone.'),
    'token.alg': unread,
    'token.iss': unread,
    'token.kid': unread,
    'token.signature': unread,
    'token.times': unread,
    'token.typ': unread,
    'token.sub': unread,
    'token.aud': unread,
    'token.azp': unread,
    'token.cnf': unread,
  };
}

function decode(token: string): { readonly header: Claims | undefined; readonly claims: Claims | undefined } {
  const [header, claims] = token.split('.').map(readPart);
  return { header, claims };
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
