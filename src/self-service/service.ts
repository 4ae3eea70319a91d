import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { AdminError, type AdminErrorCode } from '../accounts/admin-error.ts';
import type { GatepassCaller } from '../caller/index.ts';
import { isKeyId } from '../key-format/format.ts';
import { answerRefusal } from './answer.ts';
import type { AuditLog } from './audit.ts';
import { createOperations, type OperationParts } from './operations.ts';
import type { PageFiles, PageSettings } from './page-files.ts';
import { Refusal, type RefusalCode } from './refusal.ts';
import { type CallerRules, readCaller } from './request.ts';

export interface ServiceParts extends OperationParts {
  readonly rules: CallerRules;
  readonly page: PageFiles;
  readonly settings: PageSettings;
  readonly log: AuditLog;
}

export type SelfService = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

/** What a user sees of an error that the accounts' functions throw. */
const REFUSED: Readonly<Partial<Record<AdminErrorCode, RefusalCode>>> = {
  invalid_input: 'invalid_input',
  user_not_found: 'account_disabled',
  user_not_active: 'account_disabled',
  user_deleted: 'account_disabled',
  user_moved: 'account_disabled',
  key_not_found: 'not_found',
  key_deleted: 'not_found',
  key_not_active: 'key_not_active',
  key_expired: 'key_not_active',
  key_leaked: 'disabled_by_other',
  key_in_grace: 'key_in_grace',
  key_rotated: 'key_in_grace',
  name_taken: 'name_taken',
  too_many_keys: 'too_many_keys',
  too_many_changes: 'too_many_changes',
  disabled_by_other: 'disabled_by_other',
};

/** The keys API and its page, for one event of API Gateway (REST API, proxy integration). */
export function createSelfService(parts: ServiceParts): SelfService {
  const { rules, page, settings, log, admin } = parts;
  const operations = createOperations(parts);
  /** By method and the resource that API Gateway chose: the routes of openapi.yaml. */
  const routes = new Map<string, keyof typeof operations>([
    ['GET /keys/api/me', 'getMe'],
    ['GET /keys/api/keys', 'listKeys'],
    ['POST /keys/api/keys', 'createKey'],
    ['PATCH /keys/api/keys/{id}', 'changeKey'],
    ['DELETE /keys/api/keys/{id}', 'deleteKey'],
    ['GET /keys/api/keys/{id}/usage', 'getUsage'],
    ['POST /keys/api/keys/{id}/rotate', 'rotateKey'],
  ]);

  return async (event) => {
    const operation = routes.get(`${event.httpMethod} ${event.resource}`);
    return operation === undefined ? answerPage(event) : answerCall(event, operation);
  };

  async function answerCall(event: APIGatewayProxyEvent, operation: keyof typeof operations) {
    const startedAt = admin.now();
    let caller: GatepassCaller | undefined;
    let keyId = event.pathParameters?.['id'];
    const say = (outcome: string, error?: unknown) => {
      const { identity, requestId } = event.requestContext;
      const who = { userId: caller?.userId, clientId: caller?.clientId, apiKeyId: knownId(keyId) };
      log({ operation, outcome, ...who, sourceIp: identity.sourceIp, requestId }, startedAt, error);
    };
    try {
      caller = readCaller(event, rules);
      const onKey = (made: string) => {
        keyId = made;
      };
      let failure: unknown;
      const onFailure = (error: unknown) => {
        failure = error;
      };
      const result = await operations[operation]({ event, caller, keyId: keyId ?? '', onKey, onFailure });
      say('done', failure);
      return result;
    } catch (error) {
      const refusal = refusalOf(error);
      say(refusal.code, refusal.code === 'unavailable' ? error : undefined);
      return answerRefusal(refusal);
    }
  }

  function answerPage({ httpMethod, resource, pathParameters, requestContext }: APIGatewayProxyEvent) {
    const isRead = httpMethod === 'GET' || httpMethod === 'HEAD';
    // By the stage or the custom domain that the browser sees. With a slash at its end or without, as API Gateway lets
    // through.
    if (isRead && resource === '/keys') return page.html(settings, requestContext.path.replace(/\/$/, ''));
    const file = isRead && resource === '/keys/{file}' ? page.file(pathParameters?.['file'] ?? '') : undefined;
    return file ?? answerRefusal(new Refusal('not_found'));
  }
}

/** What is no id may be anything, a whole key too: it isn't logged. */
function knownId(keyId: string | undefined): string | undefined {
  return keyId !== undefined && isKeyId(keyId) ? keyId : undefined;
}

/** What can't be told to be a refusal is a failure: nothing is said of it but that it is one. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const code = error instanceof AdminError ? REFUSED[error.code] : undefined;
  if (code === undefined || !(error instanceof AdminError)) return new Refusal('unavailable', { cause: error });
  return new Refusal(code, { cause: error, ...(code === 'invalid_input' && { fields: { body: error.message } }) });
}
