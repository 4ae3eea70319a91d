import type { RealmAnswer } from '../bearer/fetch-jwks.ts';
import { readConnectionError } from '../connection-error.ts';
import type { Clock } from '../decision.ts';
import { type Finding, problem } from './check.ts';

/** The authorizer's own way to ask the realm: see src/bearer/fetch-jwks.ts. */
export type AskRealm = (uri: string, timeoutMs: number) => Promise<RealmAnswer>;

/** An answer, whatever its status, with when the request was sent and the answer was there, in epoch milliseconds. */
export interface Answer extends RealmAnswer {
  readonly uri: string;
  readonly sentAt: number;
  readonly answeredAt: number;
}

export type Asked = Answer | { readonly uri: string; readonly problem: Finding };

/** How much longer than the authorizer the doctor waits, so that slow is told from dead. */
export const EXTRA_MS = 1000;

export type RealmFacts = ReturnType<typeof startRealm>;

interface RealmParts {
  readonly issuer: string | undefined;
  /** Where the authorizer fetches the realm's keys, and whether that is given, rather than made of the issuer. */
  readonly jwksUri: string;
  readonly isJwksUriGiven: boolean;
  /** How long the authorizer waits for an answer. */
  readonly timeoutMs: number;
}

/** Begins to ask the realm for what describes it, if its issuer is known, and for its keys. */
export function startRealm(realm: RealmParts, askRealm: AskRealm, now: Clock) {
  /** Asks as the authorizer does. Never rejects: what fails is an answer too. */
  async function ask(uri: string): Promise<Asked> {
    const sentAt = now();
    try {
      return { uri, ...(await askRealm(uri, realm.timeoutMs + EXTRA_MS)), sentAt, answeredAt: now() };
    } catch (error) {
      const { found, remedy } = readConnectionError(error);
      return { uri, problem: problem`${uri}: ${found}. → ${remedy}` };
    }
  }
  // OpenID Connect Discovery 1.0, section 4.
  const discoveryUri = realm.issuer && `${realm.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return { ...realm, discovery: discoveryUri ? ask(discoveryUri) : undefined, jwks: ask(realm.jwksUri), ask };
}

/** The body of a good answer as JSON, or nothing. */
export function documentOf(asked: Asked): unknown {
  if ('problem' in asked || asked.status !== 200) return undefined;
  try {
    return JSON.parse(asked.body);
  } catch {
    return undefined;
  }
}
