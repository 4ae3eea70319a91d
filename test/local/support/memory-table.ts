import * as v from 'valibot';
import { Fault } from '../../../src/fault.ts';
import { hashApiKey } from '../../../src/key-format/hash.ts';
import {
  type Account,
  type ApiKeyItem,
  accountAt,
  accountBeside,
  accountSchema,
  apiKeyAt,
  apiKeySchema,
  importedAt,
  type PrimaryKey,
  pointerSchema,
} from '../../../src/table/items.ts';
import type { Store } from '../../../src/table/store.ts';

/** All that the table holds at one moment. A change makes a new state, so that an old one can be asked again. */
export interface TableState {
  readonly items: ReadonlyMap<string, object>;
  readonly isReachable: boolean;
}

export const EMPTY_TABLE: TableState = { items: new Map(), isReachable: true };

export function putAccount(state: TableState, account: Account & { readonly userId: string }): TableState {
  return put(state, accountAt(account.userId), account);
}

/** A good key of this user, with whatever is changed about it. */
export function putKey(
  state: TableState,
  { userId, keyId, key }: { readonly userId: string; readonly keyId: string; readonly key: string },
  change: Partial<ApiKeyItem> = {},
): TableState {
  const item: ApiKeyItem = { userId, environment: 'live', hash: hashApiKey(key), active: true, ...change };
  return put(state, apiKeyAt(keyId), item);
}

export function putImported(state: TableState, key: string, keyId: string): TableState {
  return put(state, importedAt(hashApiKey(key)), { keyId });
}

export function changeKey(state: TableState, keyId: string, change: Partial<ApiKeyItem>): TableState {
  return put(state, apiKeyAt(keyId), { ...state.items.get(nameOf(apiKeyAt(keyId))), ...change });
}

export function changeAccount(state: TableState, userId: string, change: Partial<Account>): TableState {
  return put(state, accountAt(userId), { ...state.items.get(nameOf(accountAt(userId))), ...change });
}

function put(state: TableState, key: PrimaryKey, item: object): TableState {
  return { ...state, items: new Map([...state.items, [nameOf(key), item]]) };
}

/** The authorizer's reads of the state at the moment of each. */
export function createMemoryStore(table: () => TableState): Store {
  function read<Schema extends v.GenericSchema>(schema: Schema, key: PrimaryKey): v.InferOutput<Schema> | undefined {
    const { items, isReachable } = table();
    if (!isReachable) throw new Fault('fault.table', 'The table can not be reached.');
    const item = items.get(nameOf(key));
    return item === undefined ? undefined : v.parse(schema, item);
  }

  return {
    findApiKey: async (keyId) => ({
      apiKey: read(apiKeySchema, apiKeyAt(keyId)),
      account: read(accountSchema, accountBeside(keyId)),
    }),
    findImported: async (hash) => read(pointerSchema, importedAt(hash)),
    findAccount: async (userId) => read(accountSchema, accountAt(userId)),
    findTokenState: async ({ userId }) => ({
      account: read(accountSchema, accountAt(userId)),
      notBefore: undefined,
    }),
    findKeySet: async () => undefined,
  };
}

function nameOf({ pk, sk }: PrimaryKey): string {
  return `${pk} ${sk}`;
}
