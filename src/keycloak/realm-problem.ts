import { NetworkError } from '@keycloak/keycloak-admin-client';
import { type ConnectionProblem, readConnectionError } from '../connection-error.ts';
import { REQUEST_MS } from './request-token.ts';
import { SyncError } from './sync-error.ts';

/** Who asks, and where. */
export interface Asking {
  readonly clientId: string;
  readonly realmName: string;
  readonly baseUrl: string;
}

/** The status of an answer that refuses, or nothing where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof NetworkError ? error.response.status : undefined;
}

/** What Keycloak says to a refusal: `error_description` or `error` of its JSON. */
export function saidIn(error: unknown): string | undefined {
  const data = error instanceof NetworkError ? error.responseData : undefined;
  if (typeof data !== 'object' || data === null) return undefined;
  const said = 'error_description' in data ? data.error_description : 'error' in data ? data.error : undefined;
  return typeof said === 'string' ? said : undefined;
}

/** Whether the same request may well be answered in a moment. */
export function isPassing(error: unknown): boolean {
  if (error instanceof SyncError) return false;
  const status = statusOf(error);
  return status === undefined || status >= 500 || status === 429 || status === 408;
}

/** What Keycloak says of the realm itself, whatever was asked for. */
const REALM_UNKNOWN = ['Realm not found.', 'Realm does not exist'];
const REALM_DISABLED = 'Realm not enabled';

/**
 * Says what a failed request means and what to do about it.
 *
 * @param what was asked for, as `user 42`.
 * @param role of the client realm-management that shows it.
 */
export function problemOf(error: unknown, what: string, asking: Asking, role = 'view-users'): SyncError {
  if (error instanceof SyncError) return error;
  const { realmName, baseUrl } = asking;
  const status = statusOf(error);
  const said = saidIn(error);
  if (said !== undefined && REALM_UNKNOWN.includes(said)) {
    return new SyncError(
      'realm_unknown',
      `There is no realm ${realmName} at ${baseUrl}: check the issuer, and --admin-url if you give one.`,
    );
  }
  if (said === REALM_DISABLED) {
    return new SyncError(
      'realm_disabled',
      `The realm ${realmName} at ${baseUrl} is disabled, so it lets nobody in: enable it (Realm settings > General > ` +
        'Enabled). Until then no account is changed.',
    );
  }
  if (status === 403) return missingRole(what, asking, role, error);
  if (status === undefined || isPassing(error)) {
    const { found, remedy } =
      status === undefined ? connectionProblemOf(error) : { found: answerOf(error), remedy: '' };
    return new SyncError(
      'realm_unreachable',
      `The realm could not be asked for ${what} at ${baseUrl}: ${found}. Try again, and if it goes on, check that this ` +
        `machine reaches the Admin API there (--admin-url names another place). ${remedy}`.trim(),
      { cause: error },
    );
  }
  return new SyncError(
    'realm_answer',
    `The realm's answer to the request for ${what} was not expected: ${answerOf(error)} from ${baseUrl}. Check that ` +
      "this is Keycloak's own address, with its path if it has one (--admin-url names another place).",
    { cause: error },
  );
}

/** The token endpoint's refusals (RFC 6749, section 5.2) are about the client. */
export function loginProblemOf(error: unknown, asking: Asking): SyncError {
  const status = statusOf(error);
  if (status !== 400 && status !== 401) return problemOf(error, 'a token', asking);
  const { clientId, realmName } = asking;
  return new SyncError(
    'realm_credentials',
    `The realm ${realmName} doesn't let ${clientId} in (${saidIn(error) ?? status}): check the client's id and its ` +
      'secret (Clients > its name > Credentials), and that "Service accounts roles" is on.',
  );
}

export function missingRole(
  what: string,
  { clientId, realmName }: Asking,
  role = 'view-users',
  cause?: unknown,
): SyncError {
  return new SyncError(
    'realm_role',
    `The realm ${realmName} doesn't show ${what} to ${clientId}: give its service account the role ${role} of the ` +
      `client realm-management (Clients > ${clientId} > Service accounts roles > Assign role).`,
    { cause },
  );
}

function answerOf(error: unknown): string {
  const said = saidIn(error);
  const location = error instanceof NetworkError ? error.response.headers.get('location') : null;
  // A redirect isn't followed, since the token would go along. Its query is left out: it may hold anything.
  const to = location === null ? '' : `, which points to ${location.replace(/[?#].*/s, '')}`;
  return `${statusOf(error)}${said ? ` (${said})` : ''}${to}`;
}

function connectionProblemOf(error: unknown): ConnectionProblem {
  const problem = readConnectionError(error);
  const isTimeout = error instanceof Error && error.name === 'TimeoutError';
  return isTimeout ? { ...problem, found: `no answer within ${REQUEST_MS / 1000} s` } : problem;
}
