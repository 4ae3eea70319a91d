/**
 * What the `gatepass sync` command does, for a program of your own that keeps accounts in line with a Keycloak realm.
 *
 * @example
 * import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
 * import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
 * import { createKeycloakRealm, realmAddress, sync } from 'gatepass/sync';
 *
 * const issuer = 'https://id.example.com/realms/main';
 * const account = { clientId: 'gatepass-sync', clientSecret: await readSecret() };
 * const realm = createKeycloakRealm(realmAddress(issuer), account);
 * const table = { client: DynamoDBDocumentClient.from(new DynamoDBClient({})), name: 'gatepass' };
 * const { changes } = await sync({ realm, table, issuer, now: Date.now }, { pass: 'full' });
 *
 * @module
 */

export { createKeycloakRealm } from '../keycloak/keycloak-realm.ts';
export type { Realm } from '../keycloak/realm.ts';
export { type RealmAddress, realmAddress } from '../keycloak/realm-address.ts';
export { SyncError, type SyncErrorCode } from '../keycloak/sync-error.ts';
export type { PassOptions, PassResult, SyncParts } from './pass.ts';
export { sync } from './sync.ts';
