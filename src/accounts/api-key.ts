import type { ApiKeyRecord } from '../table/keys.ts';

/** A key as it may be shown: all that is kept of it but the hashes, which stay in the table. */
export type ApiKey = Omit<ApiKeyRecord, 'hash' | 'replacedHash' | 'importedHash'>;

/** A key and the user who must own it: a change of another's key is refused as that of one that isn't there. */
export interface OwnedKey {
  readonly userId: string;
  readonly keyId: string;
}

export function withoutHashes(record: ApiKeyRecord): ApiKey {
  const { hash: _hash, replacedHash: _replacedHash, importedHash: _importedHash, ...rest } = record;
  return rest;
}
