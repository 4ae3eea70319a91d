import { NetworkError } from '@keycloak/keycloak-admin-client';
import { readConnectionError } from '../connection-error.ts';
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

/**
 * Says what a failed request means and what to do about it.
 *
 * @param what was asked for, as `user 42`.
 * @param role of the client realm-management that shows it.
 */
export function explain(error: unknown, what: string, asking: Asking, role = 'view-users'): SyncError {
  if (error instanceof SyncError) return error;
  const { realmName, baseUrl } = asking;
  const status = statusOf(error);
  const said = saidIn(error);
  if (status === 403) return missingRole(what, asking, role, error);
  if (said === 'Realm not found.' || said === 'Realm does not exist') {
    return new SyncError(
      'realm_unknown',
      `There is no realm ${realmName} at ${baseUrl}: check the issuer, and --admin-url if you give one.`,
    );
  }
  if (status === undefined || isPassing(error)) {
    const answered = `it answered ${status}${said ? `: ${said}` : ''}`;
    const { found, remedy } = status === undefined ? readConnectionError(error) : { found: answered, remedy: '' };
    return new SyncError(
      'realm_unreachable',
      `The realm could not be asked for ${what} at ${baseUrl}: ${found}. Nothing was changed; try again, and if it ` +
        `goes on, check that this machine reaches the Admin API there (--admin-url names another place). ${remedy}`.trim(),
      { cause: error },
    );
  }
  return new SyncError(
    'realm_answer',
    `The realm's answer to the request for ${what} was not expected: ${status}${said ? ` (${said})` : ''} from ` +
      `${baseUrl}. Nothing was changed; check that this is Keycloak's own address, with its path if it has one.`,
    { cause: error },
  );
}

/** The token endpoint's refusals (RFC 6749, section 5.2) are about the client. */
export function explainLogin(error: unknown, asking: Asking): SyncError {
  const status = statusOf(error);
  if (status !== 400 && status !== 401) return explain(error, 'a token', asking);
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
