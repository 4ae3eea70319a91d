import { createPreview, type Preview } from '../accounts/import/preview.ts';
import { createApiKeyAuthenticator } from '../authorizer/api-key/authenticate.ts';
import { DECISION_MS } from '../deadline.ts';
import { hashApiKey } from '../key-format/hash.ts';
import type { KeyForms } from '../key-format/imported.ts';
import { createReads } from '../table/sdk-reads.ts';
import { createStore } from '../table/store.ts';
import type { Table } from '../table/table.ts';

/** What the function is told about keys. */
interface FunctionRules extends KeyForms {
  readonly environment: string;
}

/** What became of a key that was tried. */
export interface Tried {
  readonly isAllowed: boolean;
  readonly text: string;
}

/** A preview of an import that a key can be tried on afterwards. */
export interface Trial {
  readonly preview: Preview;
  /** Decides the key by the authorizer's own code, as if the import had been made. */
  decide(): Promise<Tried>;
}

export function createTrial(key: string, table: Table, rules: FunctionRules): Trial {
  const preview = createPreview(table, hashApiKey(key));
  const now = Date.now;
  const store = createStore({ reads: createReads(table.client), table: table.name, now });
  const authenticate = createApiKeyAuthenticator({
    ...rules,
    policyConditions: 'on',
    now,
    store: {
      ...store,
      findImported: async (hash, trace) => preview.pointerWritten(hash) ?? store.findImported(hash, trace),
      async findApiKey(keyId, trace) {
        const apiKey = preview.keyWritten(keyId);
        if (apiKey === undefined) return store.findApiKey(keyId, trace);
        return { apiKey, account: await preview.readAccount(apiKey.userId) };
      },
    },
  });
  return {
    preview,
    async decide() {
      const decision = await authenticate(key, { deadline: now() + DECISION_MS, tableRequests: 0 });
      if (decision.outcome !== 'allow') {
        return { isAllowed: false, text: `After this import the key would be refused (${decision.reason}).` };
      }
      return { isAllowed: true, text: `After this import the key would be let in, as ${decision.principal.userId}.` };
    },
  };
}
