import { type Credentials, takeCredentials } from '../authorizer/gateway/credentials.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../decision.ts';
import { createStore, type Store } from '../table/store.ts';
import type { Table } from '../table/table.ts';
import { ask, type Fetch } from './ask.ts';
import { type Finding, type Group, KEY_QUESTIONS, type KeyCheckId, QUESTIONS } from './check.ts';
import { examineKey } from './checks/api-key.ts';
import { readKeys } from './checks/realm-keys.ts';
import { examineToken } from './checks/token.ts';

export interface ExplainParts {
  readonly config: Config;
  readonly table: Table | undefined;
  readonly fetch: Fetch;
  readonly now: Clock;
}

/**
 * Takes a credential as the authorizer does. A token alone counts as one here, though a request must send it behind
 * `Bearer`: who explains a token has mostly copied just that.
 */
export function takeForExplanation(value: string, config: Config): Credentials | undefined {
  const looksLikeToken = /^eyJ[^.]*\.[^.]*\.[^.]*$/.test(value);
  const header = looksLikeToken ? `Bearer ${value}` : value;
  const taken = takeCredentials([header], config);
  return 'outcome' in taken ? undefined : taken;
}

/** Goes through every check that the authorizer makes on a credential, by its own code. Writes nothing. */
export async function explain(credentials: Credentials, parts: ExplainParts): Promise<readonly Finding[]> {
  const { config, table, fetch, now } = parts;
  const store = table && createStore({ client: table.client, table: table.name, now });
  if (credentials.kind === 'api_key') {
    const verdicts = await examineKey(credentials.value, { ...config, store: store ?? NO_TABLE, now });
    // Object.entries() is typed for objects of which more may be there than is known.
    const ids = Object.keys(KEY_QUESTIONS) as KeyCheckId[];
    return ids.map((id) => ({ id, question: KEY_QUESTIONS[id], ...verdicts[id] }));
  }
  const keys = readKeys(await ask(config.jwksUri, fetch, now))?.set;
  const verdicts = await examineToken(credentials.value, { keys, config, store, now });
  const ids = Object.keys(verdicts) as Group<'token'>[];
  return ids.map((id) => ({ id, question: QUESTIONS[id], ...verdicts[id] }));
}

/** For keys whose form alone rules them out, no table is needed; the command asks for one before any other. */
const NO_TABLE: Pick<Store, 'findApiKey' | 'findImported'> = {
  findApiKey: () => Promise.reject(new Error('no table was given')),
  findImported: () => Promise.reject(new Error('no table was given')),
};
