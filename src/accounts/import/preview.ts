import type { AccountRecord } from '../../table/accounts.ts';
import type { Pointer } from '../../table/items.ts';
import type { ApiKeyRecord } from '../../table/keys.ts';
import type { Table } from '../../table/table.ts';
import { type ImportTarget, type NewKey, targetOf } from './target.ts';

/** A table as it would be after an import. */
export interface Preview extends ImportTarget {
  /** What the import would have written, and not what is there. */
  pointerWritten(hash: string): Pointer | undefined;
  keyWritten(keyId: string): NewKey | undefined;
}

/**
 * Reads a table and keeps what is written to itself. So an import into it comes to what the import itself would come
 * to, and nothing is written.
 *
 * Holds some 500 bytes a line in memory, since later lines must meet earlier ones.
 *
 * @param watched the hash of a key whose record is kept whole; of others there is what a later line is compared with.
 */
export function createPreview(table: Table, watched?: string): Preview {
  const target = targetOf(table);
  const accounts = new Map<string, Omit<AccountRecord, 'userId'>>();
  const pointers = new Map<string, Pointer>();
  const keys = new Map<string, NewKey>();

  const preview: Preview = {
    pointerWritten: (hash) => pointers.get(hash),
    keyWritten: (keyId) => keys.get(keyId),
    async readAccount(userId) {
      const written = accounts.get(userId);
      return written === undefined ? target.readAccount(userId) : { userId, ...written };
    },
    readPointer: async (hash) => pointers.get(hash) ?? target.readPointer(hash),
    async readKey(keyId): Promise<ApiKeyRecord | undefined> {
      const written = keys.get(keyId);
      return written === undefined ? target.readKey(keyId) : { ...written, keyId };
    },
    async putAccount({ userId, ...account }) {
      if ((await preview.readAccount(userId)) !== undefined) return false;
      accounts.set(userId, account);
      return true;
    },
    async putPointer(hash, keyId) {
      if ((await preview.readPointer(hash)) !== undefined) return false;
      pointers.set(hash, { keyId });
      return true;
    },
    async putKey(keyId, key) {
      if ((await preview.readKey(keyId)) !== undefined) return false;
      keys.set(keyId, key.hash === watched ? key : essentialsOf(key));
      return true;
    },
    buryAccount: (userId) => preview.putAccount({ userId, active: false, deleted: true }),
    async buryPointer(hash) {
      if ((await preview.readPointer(hash))?.deleted === true) return false;
      pointers.set(hash, { deleted: true });
      return true;
    },
    forgetKeyCount: async () => undefined,
  };
  return preview;
}

function essentialsOf({ userId, active, scope, expiresAt, allowedNetworks }: NewKey): NewKey {
  return { userId, active, scope, expiresAt, allowedNetworks };
}
