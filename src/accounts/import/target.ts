import {
  type AccountRecord,
  buryUnknownAccount,
  putAccountIfAbsent,
  readAccount,
  writeAccount,
} from '../../table/accounts.ts';
import { buryPointer, putPointerIfAbsent, readPointer } from '../../table/imported-keys.ts';
import type { Pointer } from '../../table/items.ts';
import { type ApiKeyRecord, putKeyIfAbsent, readKey } from '../../table/keys.ts';
import type { Table } from '../../table/table.ts';

export type NewKey = Omit<ApiKeyRecord, 'keyId'>;

/** Where an import writes: the table, or a preview of it. Nothing there is overwritten, a pointer by its tombstone aside. */
export interface ImportTarget {
  readAccount(userId: string): Promise<AccountRecord | undefined>;
  readPointer(hash: string): Promise<Pointer | undefined>;
  readKey(keyId: string): Promise<ApiKeyRecord | undefined>;
  /** @returns whether it was written; `false`: there is one. So with the others. */
  putAccount(account: AccountRecord): Promise<boolean>;
  putPointer(hash: string, keyId: string): Promise<boolean>;
  putKey(keyId: string, key: NewKey): Promise<boolean>;
  /** Leaves a tombstone of a user of whom there is nothing. */
  buryAccount(userId: string, deletedAt: number): Promise<boolean>;
  buryPointer(hash: string, deletedAt: number): Promise<boolean>;
  /** Has a user's keys counted anew when their number is next needed. */
  forgetKeyCount(userId: string): Promise<void>;
}

export function targetOf(table: Table): ImportTarget {
  return {
    readAccount: (userId) => readAccount(table, userId),
    readPointer: (hash) => readPointer(table, hash),
    readKey: (keyId) => readKey(table, keyId),
    putAccount: (account) => putAccountIfAbsent(table, account),
    putPointer: (hash, keyId) => putPointerIfAbsent(table, hash, keyId),
    putKey: (keyId, key) => putKeyIfAbsent(table, keyId, key),
    buryAccount: (userId, deletedAt) => buryUnknownAccount(table, userId, { deletedAt }),
    buryPointer: (hash, deletedAt) => buryPointer(table, hash, deletedAt),
    async forgetKeyCount(userId) {
      await writeAccount(table, userId, {}, { keyCount: undefined });
    },
  };
}
