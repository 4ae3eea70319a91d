import { withDeadline } from '../deadline.ts';
import type { Clock, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import type { Store } from './store.ts';

/**
 * A store that is loaded with the first read.
 *
 * @param load is called again after it failed.
 * @throws Fault `fault.table`, of the read that waited for what could not be loaded.
 */
export function createLazyStore(load: () => Promise<Store>, now: Clock): Store {
  let store: Store | undefined;

  async function loaded({ deadline }: Trace): Promise<Store> {
    try {
      store ??= await withDeadline(deadline, now, 'the table', load);
      return store;
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault('fault.table', 'What reads the table could not be loaded.', { cause: error });
    }
  }

  return {
    findApiKey: async (keyId, trace) => (await loaded(trace)).findApiKey(keyId, trace),
    findImported: async (hash, trace) => (await loaded(trace)).findImported(hash, trace),
    findAccount: async (userId, trace) => (await loaded(trace)).findAccount(userId, trace),
    findTokenState: async (token, trace) => (await loaded(trace)).findTokenState(token, trace),
    findKeySet: async (issuer, trace) => (await loaded(trace)).findKeySet(issuer, trace),
  };
}
