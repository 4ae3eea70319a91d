import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { fetchJwks } from '../bearer/fetch-jwks.ts';
import { createLogoutVerifier } from '../bearer/logout-token.ts';
import { createRealmKeys } from '../bearer/realm-keys.ts';
import { jwksUriOf } from '../config/config.ts';
import { requireVariables } from '../config/read-variables.ts';
import { LOGOUT_VARIABLES } from '../config/variables/logout.ts';
import { createTableClient } from '../table/client.ts';
import { createLogoutLog } from './log.ts';
import { createReceiver, type Receiver } from './receiver.ts';

const now = Date.now;
let receiver: Receiver | undefined;

/** The Lambda function behind `/logout`: a realm tells it who was logged out (OpenID Connect Back-Channel Logout 1.0). */
export async function handler(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  receiver ??= assemble(process.env);
  return receiver(event);
}

/** @throws when the configuration is not valid, with every problem: API Gateway then answers 502, and the log says why. */
function assemble(env: NodeJS.ProcessEnv): Receiver {
  const values = requireVariables(LOGOUT_VARIABLES, env);
  const issuer = values.GATEPASS_ISSUER;
  const realmKeys = createRealmKeys({
    uri: values.GATEPASS_JWKS_URI ?? jwksUriOf(issuer),
    timeoutMs: values.GATEPASS_JWKS_TIMEOUT_MS,
    fetchJwks,
    // Its role reads nothing of the table.
    readKept: async () => undefined,
    now,
    random: Math.random,
  });
  return createReceiver({
    verify: createLogoutVerifier({ realmKeys, issuer, clients: values.GATEPASS_LOGOUT_CLIENTS, now }),
    table: { client: createTableClient(), name: values.GATEPASS_TABLE },
    maxTokenLifetime: values.GATEPASS_MAX_TOKEN_LIFETIME,
    log: createLogoutLog((line) => process.stdout.write(line), now),
    now,
  });
}
