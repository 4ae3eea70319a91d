import { isKeyId } from '../key-format/format.ts';

/**
 * The fields of an access log line and what API Gateway puts there. One format for REST, HTTP and WebSocket APIs: what
 * one of them doesn't know is a hyphen. The caller is there whether the decision was made or kept.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  status: '$context.status',
  userId: '$context.authorizer.userId',
  apiKeyId: '$context.authorizer.apiKeyId',
  authMethod: '$context.authorizer.authMethod',
  denyError: '$context.authorizer.denyError',
  authorizerMs: '$context.authorizer.latency',
  responseMs: '$context.responseLatency',
} as const;

/** The format of an access log, as a stage's settings take it. */
export const ACCESS_LOG_FORMAT = JSON.stringify(ACCESS_LOG_FIELDS);

/** Whose requests are counted. */
export type Caller = { readonly keyId: string } | { readonly userId: string };

/** What may stand in a query: a `sub` of Keycloak's, an email address, a name; nothing that could end a string. */
const USER_ID = /^[A-Za-z0-9@._:+-]{1,128}$/;

/** Whether a user id may stand in a query. */
export function isQueryable(userId: string): boolean {
  return USER_ID.test(userId);
}

/** The queries on access logs, for CloudWatch Logs Insights: exact, as far as API Gateway logs. */
export interface RequestQueries {
  /** `requests` by `bin(1d)` and `status`. */
  readonly byDay: string;
  /** `requests`, `first` and `last` by `sourceIp`, `method`, `path` and `status`. */
  readonly byOrigin: string;
}

/** The most rows that CloudWatch Logs Insights gives. */
export const MAX_ROWS = 10_000;

/** @throws when an id could be more than a value. Whoever asks checks first, and says it better. */
export function requestQueries(caller: Caller): RequestQueries {
  const isGood = 'keyId' in caller ? isKeyId(caller.keyId) : isQueryable(caller.userId);
  if (!isGood) throw new Error('The id may not stand in a query.');
  const filter =
    'keyId' in caller
      ? `filter apiKeyId = "${caller.keyId}"`
      : `filter userId = "${caller.userId}" and authMethod = "api_key"`;
  return {
    byDay: `${filter}\n| stats count(*) as requests by bin(1d), status\n| limit ${MAX_ROWS}`,
    byOrigin:
      `${filter}\n| stats count(*) as requests, min(@timestamp) as first, max(@timestamp) as last` +
      ` by sourceIp, method, path, status\n| sort requests desc\n| limit ${MAX_ROWS}`,
  };
}
