import { createBearerAuthenticator } from '../bearer/authenticate.ts';
import type { FetchedJwks } from '../bearer/fetch-jwks.ts';
import { createRealmKeys, type RealmKeys } from '../bearer/realm-keys.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../decision.ts';
import { createRedact } from '../redact.ts';
import type { Store } from '../table/store.ts';
import { createApiKeyAuthenticator } from './api-key/authenticate.ts';
import { type Authorizer, type AuthorizerParts, createAuthorizer } from './authorizer.ts';
import { createDecisionLog } from './observe/decision-log.ts';

/** What the authorizer has around it. */
export interface Surroundings {
  readonly config: Config;
  readonly store: Store;
  /** Fetches a JSON document from the realm; rejects if it can't within so many milliseconds. */
  readonly fetchJwks: (uri: string, timeoutMs: number) => Promise<FetchedJwks>;
  /** Takes a line of the decision log, its line break included. */
  readonly writeLine: (line: string) => void;
  readonly now: Clock;
  /** From 0 to less than 1. Nothing that is secret comes of it. */
  readonly random: () => number;
}

/** The authorizer, and those of its parts that others ask one by one. */
export interface Assembly extends AuthorizerParts {
  readonly authorize: Authorizer;
  readonly realmKeys: RealmKeys;
}

/** Puts the authorizer together: the one place that does, for the function, the commands and the tests. */
export function assemble({ config, store, fetchJwks, writeLine, now, random }: Surroundings): Assembly {
  const realmKeys = createRealmKeys({
    uri: config.jwksUri,
    timeoutMs: config.jwksTimeoutMs,
    fetchJwks,
    async readKept(trace) {
      const item = await store.findKeySet(config.issuer, trace);
      return item && { jwks: JSON.parse(item.jwks), fetchedAt: item.fetchedAt };
    },
    now,
    random,
  });
  const parts: AuthorizerParts = {
    authenticateApiKey: createApiKeyAuthenticator({ ...config, store, now }),
    authenticateBearer: createBearerAuthenticator({ ...config, store, realmKeys, now }),
    keyForms: config,
    policyConditions: config.policyConditions,
    log: createDecisionLog(writeLine, now, createRedact(config.importedPrefixes)),
    now,
  };
  return { ...parts, authorize: createAuthorizer(parts), realmKeys };
}
