import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Values } from '../config/read-variables.ts';
import type { SYNC_VARIABLES } from '../config/variables/sync.ts';
import type { Clock } from '../decision.ts';
import { createKeycloakRealm } from '../keycloak/keycloak-realm.ts';
import type { Realm } from '../keycloak/realm.ts';
import { realmAddress } from '../keycloak/realm-address.ts';
import { SyncError } from '../keycloak/sync-error.ts';
import { asSecretProblem } from './aws-problem.ts';

/** How long one of three tries may take: as for the table. */
const ATTEMPT_MS = 5000;

/** Connects to the realm as the service account whose secret lies in Secrets Manager. */
export async function connectRealm(config: Values<typeof SYNC_VARIABLES>, now: Clock): Promise<Realm> {
  const { GATEPASS_ISSUER: issuer, GATEPASS_SYNC_ADMIN_URL: adminUrl, GATEPASS_SYNC_CLIENT_ID: clientId } = config;
  const address = realmAddress(issuer, adminUrl);
  const clientSecret = (await readSecret(config.GATEPASS_SYNC_SECRET))?.trim();
  if (!clientSecret) {
    const id = config.GATEPASS_SYNC_SECRET;
    throw new SyncError('secret', `The secret ${id} is empty: put the secret of ${clientId} in, as plain text.`);
  }
  return createKeycloakRealm(address, { clientId, clientSecret }, now);
}

async function readSecret(SecretId: string): Promise<string | undefined> {
  const client = new SecretsManagerClient({
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: ATTEMPT_MS,
      requestTimeout: ATTEMPT_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ATTEMPT_MS,
    },
  });
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
  } catch (error) {
    throw asSecretProblem(error, SecretId);
  } finally {
    client.destroy();
  }
}
