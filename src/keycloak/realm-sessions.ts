import * as v from 'valibot';
import type { Clock } from '../decision.ts';
import { parseAnswer } from './answers.ts';
import type { RealmAddress } from './realm-address.ts';
import { statusOf } from './realm-problem.ts';
import { createRealmRequests, type RealmRequests } from './realm-requests.ts';
import type { ServiceAccount } from './request-token.ts';
import { SyncError } from './sync-error.ts';
import { findUser, orGone } from './users.ts';

/** What became of a user's sessions. */
export interface EndedSessions {
  /** Up to when the realm takes the user's tokens for revoked, by its own clock, in epoch seconds. */
  readonly notBefore: number;
  /** How many offline sessions there were. */
  readonly offlineSessions: number;
}

/** The sessions of a realm's users, ended by a service account with the role manage-users of realm-management. */
export interface RealmSessions {
  /**
   * Logs a user out of all sessions, offline ones too: no refresh token of theirs brings an access token any more.
   *
   * @throws SyncError before anything has changed if the service account may not, or when it is cut off: a repeat does the
   *   rest.
   */
  end(userId: string): Promise<EndedSessions | 'gone'>;
}

export function connectSessions(address: RealmAddress, account: ServiceAccount, now: Clock = Date.now): RealmSessions {
  const requests = createRealmRequests(address, account, now);
  return { end: (userId) => endSessions(requests, userId) };
}

const ROLE = 'manage-users';

/** Of a client for which a user has offline sessions Keycloak says so among the user's consents, by the client's own id. */
const consentSchema = v.object({
  additionalGrants: v.optional(v.array(v.object({ client: v.string(), key: v.string() })), []),
});
const sessionSchema = v.object({ id: v.string() });

async function endSessions(requests: RealmRequests, id: string): Promise<EndedSessions | 'gone'> {
  const what = `the sessions of user ${id}`;
  // First what revokes the tokens and refresh tokens that are out, those of offline sessions too.
  const logout = await orGone(requests.ask(what, (client) => client.users.logout({ id }), ROLE));
  if (logout === 'gone') return logout;
  const offline = await offlineSessionsOf(requests, id, what);
  for (const session of offline) await endOffline(requests, session, what);
  const user = await findUser(requests, id);
  if (user === 'gone') return user;
  if (!user.notBefore)
    throw new SyncError('realm_answer', `The realm doesn't say since when user ${id} is logged out.`);
  return { notBefore: user.notBefore, offlineSessions: offline.length };
}

async function offlineSessionsOf({ ask }: RealmRequests, id: string, what: string): Promise<readonly string[]> {
  const consents = parseAnswer(
    v.array(consentSchema),
    await ask(what, (client) => client.users.listConsents({ id })),
    what,
  );
  const clientIds = consents.flatMap(({ additionalGrants }) =>
    additionalGrants.filter(({ key }) => key === 'Offline Token').map(({ client }) => client),
  );
  const sessions: string[] = [];
  for (const clientId of new Set(clientIds)) {
    const answer = await ask(what, (client) => client.users.listOfflineSessions({ id, clientId }));
    for (const session of parseAnswer(v.array(sessionSchema), answer, what)) sessions.push(session.id);
  }
  return [...new Set(sessions)];
}

/** One that has ended meanwhile is as good as ended. */
async function endOffline({ ask }: RealmRequests, session: string, what: string): Promise<void> {
  const request = ask(
    what,
    ({ realms, realmName: realm }) => realms.deleteSession({ realm, session, isOffline: true }),
    ROLE,
  );
  await request.catch((error: unknown) => {
    if (!(error instanceof SyncError && statusOf(error.cause) === 404)) throw error;
  });
}
