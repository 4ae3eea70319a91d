import { type Check, type Finding, problem } from '../../../src/doctor/check.ts';
import type { Answer, Asked, RealmFacts } from '../../../src/doctor/realm-facts.ts';

export const ISSUER = 'https://id.example.com/realms/main';
/** How long the authorizer waits for the realm in these tests. */
export const TIMEOUT_MS = 2000;
export const CERTS = `${ISSUER}/protocol/openid-connect/certs`;

/** An answer as it comes of asking: what is no text becomes JSON. */
export function answerOf(body: unknown, { status = 200, took = 10, headers = {}, uri = CERTS } = {}): Answer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { uri, status, headers, body: text, sentAt: 1000, answeredAt: 1000 + took };
}

export const NO_ANSWER: Asked = { uri: CERTS, problem: problem`${CERTS}: nothing listens there. → Start it.` };

/** A realm that has answered this, and nothing else. */
export function realmOf(change: {
  readonly discovery?: Asked;
  readonly jwks?: Asked;
  readonly jwksUri?: string;
  readonly isJwksUriGiven?: boolean;
  readonly issuer?: string | undefined;
  readonly others?: Readonly<Record<string, Asked>>;
}): RealmFacts {
  const { discovery = NO_ANSWER, jwks = NO_ANSWER, others = {}, ...rest } = change;
  return {
    ...{ issuer: ISSUER, jwksUri: CERTS, isJwksUriGiven: false, timeoutMs: TIMEOUT_MS },
    ...rest,
    discovery: Promise.resolve(discovery),
    jwks: Promise.resolve(jwks),
    ask: async (uri) => others[uri] ?? NO_ANSWER,
  };
}

/** Runs the one check of this name. */
export async function runCheck<Facts>(checks: readonly Check<Facts>[], name: string, facts: Facts): Promise<Finding> {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`There is no check ${name}.`);
  return found.run(facts);
}
