import * as v from 'valibot';
import { parseAnswer } from './answers.ts';
import { statusOf } from './realm-problem.ts';
import type { RealmRequests } from './realm-requests.ts';
import { SyncError } from './sync-error.ts';

/** Absent for a client that may not see the realm's settings: Keycloak then shows its name and little else. */
const realmSchema = v.object({ notBefore: v.optional(v.number()) });

/** Up to when all of the realm's tokens are revoked, in epoch seconds; 0: never. */
export async function readNotBefore({ ask }: RealmRequests, realm: string): Promise<number | 'not_allowed'> {
  const what = 'its settings';
  try {
    const answer = await ask(what, (client) => client.realms.findOne({ realm }), 'view-realm');
    return parseAnswer(realmSchema, answer, what).notBefore ?? 'not_allowed';
  } catch (error) {
    if (error instanceof SyncError && statusOf(error.cause) === 403) return 'not_allowed';
    throw error;
  }
}
