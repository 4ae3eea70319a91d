import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { endOf } from '../bearer/claims.ts';
import type { Logout, LogoutVerifier } from '../bearer/logout-token.ts';
import { withDeadline } from '../deadline.ts';
import type { Clock, Trace } from '../decision.ts';
import { revokedSessionAt, revokedUserAt } from '../table/items.ts';
import { raiseNotBefore } from '../table/revocations.ts';
import type { Table } from '../table/table.ts';
import type { LogoutLog } from './log.ts';
import { readLogoutToken } from './request.ts';

/** Keycloak 26.7 waits 5 s for an answer, and doesn't tell a second time. */
const ANSWER_MS = 4000;

export interface ReceiverParts {
  readonly verify: LogoutVerifier;
  readonly table: Table;
  /** How long an access token of the realm lives at most, in seconds. */
  readonly maxTokenLifetime: number;
  readonly log: LogoutLog;
  readonly now: Clock;
}

export type Receiver = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

/**
 * Receives logouts as a realm tells them (OpenID Connect Back-Channel Logout 1.0): the tokens of the session, or of the
 * user, that were issued until then are refused from the next decision on.
 *
 * Answers 200 when that is written, and 400 for all else, a failure too (section 2.8). Told twice, or in another order, it
 * comes to the same.
 */
export function createReceiver({ verify, table, maxTokenLifetime, log, now }: ReceiverParts): Receiver {
  return async (event) => {
    const startedAt = now();
    const trace: Trace = { deadline: startedAt + ANSWER_MS, tableRequests: 0 };
    try {
      const token = readLogoutToken(event);
      const logout = token === undefined ? 'logout.request' : await verify(token, trace);
      if (typeof logout === 'string') {
        log(event, startedAt, { outcome: 'refused', reason: logout });
        return answer(400, 'invalid_request');
      }
      await withDeadline(trace.deadline, now, 'the table', () => revoke(logout));
      log(event, startedAt, { outcome: 'done', userId: logout.userId });
      return answer(200);
    } catch (error) {
      log(event, startedAt, { outcome: 'fault', error });
      return answer(400, 'temporarily_unavailable');
    }
  };

  async function revoke({ userId, sessionId, issuedAt, revokesOffline }: Logout): Promise<void> {
    const revocation = { notBefore: issuedAt, purgeAt: endOf(issuedAt + maxTokenLifetime) };
    const places = [
      ...(sessionId === undefined ? [] : [revokedSessionAt(userId, sessionId)]),
      ...(sessionId === undefined || revokesOffline ? [revokedUserAt(userId)] : []),
    ];
    await Promise.all(places.map((place) => raiseNotBefore(table, place, revocation)));
  }
}

/** Section 2.8: never kept, and the error as OAuth gives it (RFC 6749, section 5.2). */
function answer(statusCode: 200 | 400, error?: string): APIGatewayProxyResult {
  const body = error === undefined ? '' : JSON.stringify({ error });
  const type = error === undefined ? {} : { 'Content-Type': 'application/json' };
  return { statusCode, headers: { 'Cache-Control': 'no-store', ...type }, body };
}
