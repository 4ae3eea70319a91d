/**
 * What the `gatepass` command does with users and keys, for a program of your own: a dashboard that issues keys, say.
 *
 * `openAdmin` comes first; every function takes what it gives, then whom or what is meant, then what is to be done.
 * Whoever changes a key names its owner, and another's key is `key_not_found`. Writes are conditional: two at once never
 * lose one, and a repeat changes nothing. What is refused is an `AdminError` with a stable `code`; errors of the AWS SDK
 * come through as they are. Times are epoch seconds. Hashes of keys are not given out.
 *
 * @example
 * import { createKey, disableKey, openAdmin } from 'gatepass/admin';
 *
 * const admin = openAdmin({ table: 'gatepass' });
 * const { key, item } = await createKey(admin, { userId: 'user-42', name: 'CI' });
 * await disableKey(admin, { userId: 'user-42', keyId: item.keyId });
 *
 * @module
 */

export type { AccountRecord } from '../table/accounts.ts';
export { createTable, type Table } from '../table/table.ts';
export { type AccountChange, disableAccount, enableAccount } from './account-state.ts';
export { createAccount, getAccount, listAccounts, type NewAccount } from './accounts.ts';
export { type Admin, type AdminOptions, openAdmin, type TableAndClock } from './admin.ts';
export { AdminError, type AdminErrorCode } from './admin-error.ts';
export type { ApiKey, OwnedKey } from './api-key.ts';
export { deleteAccount, restoreAccount } from './delete-account.ts';
export { type FoundKey, findKeys } from './find-key.ts';
export { FileRefused } from './import/decode.ts';
export { type ImportOptions, ImportStopped, type ImportSummary, importLines } from './import/import-lines.ts';
export { createPreview, type Preview } from './import/preview.ts';
export { type Format, type Line, type ReadOptions, readLines } from './import/read-lines.ts';
export { deleteKey, disableKey, enableKey, getKey, type KeyChange } from './key-state.ts';
export { createKey, type IssuedKey, listExpiringKeys, listKeys, type NewApiKey } from './keys.ts';
export type { LeakedKey } from './leak/leaked-key.ts';
export { type LeakOptions, type LeakReport, revokeLeaked } from './leak/revoke-leaked.ts';
export { type Move, type Moved, moveAccount } from './move-account.ts';
export { type Rotation, rotateKey } from './rotate-key.ts';
export { type ProfileUpdate, updateAccount } from './update-account.ts';
export { type KeyUpdate, updateKey } from './update-key.ts';
