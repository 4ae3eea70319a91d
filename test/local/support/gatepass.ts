import { assemble } from '../../../src/authorizer/assemble.ts';
import { parseConfig } from '../../../src/config/config.ts';
import type { Clock } from '../../../src/decision.ts';
import { asFault } from '../../../src/fault.ts';
import type { Invocation } from '../../../src/local/local-function.ts';
import { AUDIENCE, CLIENT, ISSUER, type Realm } from '../../support/realm.ts';
import { createMemoryStore, type TableState } from './memory-table.ts';

export interface GatepassParts {
  readonly now: Clock;
  readonly realm: Pick<Realm, 'signing'>;
  /** What the table holds at the moment of a decision. */
  readonly table: () => TableState;
  /** `GATEPASS_POLICY_CONDITIONS`. */
  readonly conditions?: 'on' | 'off' | undefined;
}

const VARIABLES = {
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: AUDIENCE,
  GATEPASS_CLIENTS: CLIENT,
  GATEPASS_IMPORTED_PREFIXES: 'legacy_',
};

/** The authorizer of `src/`, on a table in memory and with the realm's keys at hand, called as the gateway calls it. */
export function createGatepass({
  now,
  realm,
  table,
  conditions,
}: GatepassParts): (event: object) => Promise<Invocation> {
  let line = '';
  const { authorize } = assemble({
    config: parseConfig({ ...VARIABLES, GATEPASS_POLICY_CONDITIONS: conditions }),
    store: createMemoryStore(table),
    fetchJwks: async () => ({ document: { keys: [realm.signing.jwk] }, isFromCache: false }),
    writeLine: (written) => {
      line = written;
    },
    now,
    random: () => 0,
  });

  return (event) =>
    authorize(event, now() + 5000).then(
      (result) => ({ result, log: [line], durationMs: 0 }),
      (error: unknown) => {
        const { name, message } = asFault(error);
        return { error: { name, message }, log: [line], durationMs: 0 };
      },
    );
}
