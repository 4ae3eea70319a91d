import { fileURLToPath } from 'node:url';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { openAdmin } from '../accounts/admin.ts';
import { requireVariables } from '../config/read-variables.ts';
import { SELF_SERVICE_VARIABLES } from '../config/variables/self-service.ts';
import { createAuditLog } from './audit.ts';
import { createConfirmSession } from './confirm-session.ts';
import { readPageFiles } from './page-files.ts';
import { createSelfService, type SelfService } from './service.ts';

let service: SelfService | undefined;

/** The Lambda function behind `/keys`: the page and the API by which users manage their own keys. */
export async function handler(event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> {
  service ??= assemble(process.env);
  return service(event);
}

/** @throws when the configuration is not valid, with every problem: API Gateway then answers 502, and the log says why. */
function assemble(env: NodeJS.ProcessEnv): SelfService {
  const values = requireVariables(SELF_SERVICE_VARIABLES, env);
  const issuer = values.GATEPASS_ISSUER;
  const clientIds = values.GATEPASS_SELF_SERVICE_CLIENT_IDS;
  return createSelfService({
    admin: openAdmin({ table: values.GATEPASS_TABLE, usage: values.GATEPASS_USAGE_TABLE }),
    confirmSession: createConfirmSession(values.GATEPASS_USERINFO_URI ?? `${issuer}/protocol/openid-connect/userinfo`),
    keyPrefix: values.GATEPASS_KEY_PREFIX,
    environment: values.GATEPASS_ENVIRONMENT,
    scopes: values.GATEPASS_KEY_SCOPES ?? [],
    maxDays: values.GATEPASS_KEY_MAX_DAYS,
    rules: { clientIds, role: values.GATEPASS_SELF_SERVICE_ROLE },
    page: readPageFiles(fileURLToPath(new URL('./page/', import.meta.url))),
    settings: {
      issuer,
      clientId: clientIds[0] ?? '',
      exampleUrl: values.GATEPASS_EXAMPLE_URL ?? 'https://api.example.com/',
    },
    log: createAuditLog((line) => process.stdout.write(line), Date.now),
  });
}
