import { openReads } from './signed-reads.ts';
import { createStore, type Store, type StoreParts } from './store.ts';

/** The function's own store: credentials, region and endpoint come from its environment. */
export function openStore(parts: Omit<StoreParts, 'reads'>): Store {
  return createStore({ ...parts, reads: openReads(process.env) });
}
