/**
 * What the `gatepass` command does with users and keys, for a program of your own: a dashboard that issues keys, say.
 *
 * Every function works on a table and a client that you pass in; time and randomness are passed in too. Writes are
 * conditional: two at once never lose one, and a repeat changes nothing. What is refused is an `AdminError` with a
 * stable `code`; errors of the AWS SDK come through as they are.
 *
 * @example
 * import { randomBytes } from 'node:crypto';
 * import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
 * import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
 * import { createKey } from 'gatepass/admin';
 *
 * const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
 * const table = { client, name: 'gatepass' };
 * const { key } = await createKey(table, { userId: 'user-42', name: 'CI' }, { now: Date.now, randomBytes });
 *
 * @module
 */

export { type AccountRecord, listAccounts } from '../table/accounts.ts';
export type { ApiKeyRecord } from '../table/keys.ts';
export { createTable, type Table } from '../table/table.ts';
export { type AccountChange, deleteAccount, disableAccount, enableAccount } from './account-state.ts';
export { createAccount, getAccount, type NewAccount } from './accounts.ts';
export { AdminError, type AdminErrorCode } from './admin-error.ts';
export { type FoundKey, findKeys } from './find-key.ts';
export { type ImportOptions, ImportStopped, type ImportSummary, importLines } from './import/import-lines.ts';
export { type Line, readLines } from './import/read-lines.ts';
export { deleteKey, disableKey, enableKey, getKey, type KeyChange } from './key-state.ts';
export { createKey, listKeys, type NewApiKey, type Sources } from './keys.ts';
export { type Rotation, rotateKey } from './rotate-key.ts';
