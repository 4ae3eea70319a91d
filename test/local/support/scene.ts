import { createMovedClock, type MovedClock } from '../../support/moved-clock.ts';
import { createRealm, type Realm } from '../../support/realm.ts';
import { type IssuedKey, makeKey } from '../../support/seed.ts';
import { type Client, type ClientOptions, createClient } from './client.ts';
import { createGatepass } from './gatepass.ts';
import { EMPTY_TABLE, putAccount, putKey, type TableState } from './memory-table.ts';

export const USER = { userId: 'user-42', email: 'ada@example.com', active: true };

/** Gatepass behind the gateway: one user with one good key, and a realm that issues tokens. */
export interface Scene {
  readonly client: Client;
  readonly clock: MovedClock;
  readonly realm: Realm;
  readonly key: IssuedKey;
  /** Changes what the table holds, from the next decision on. */
  change(step: (state: TableState) => TableState): void;
}

interface SceneOptions extends Omit<ClientOptions, 'clock' | 'invoke'> {
  /** `GATEPASS_POLICY_CONDITIONS`. */
  readonly conditions?: 'on' | 'off';
}

export function createScene({ conditions, ...options }: SceneOptions = {}): Scene {
  const clock = createMovedClock();
  const realm = createRealm(clock);
  const key = makeKey(USER.userId);
  let state = putKey(putAccount(EMPTY_TABLE, USER), { ...USER, ...key });
  const invoke = createGatepass({ now: clock.now, realm, table: () => state, conditions });
  return {
    ...{ clock, realm, key },
    client: createClient({ ...options, clock, invoke }),
    change: (step) => {
      state = step(state);
    },
  };
}
