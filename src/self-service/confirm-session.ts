import { USER_AGENT } from '../user-agent.ts';
import { Refusal } from './refusal.ts';

/** How long the realm may take to answer. */
const USERINFO_TIMEOUT_MS = 2000;

/**
 * Asks the realm whether the caller's session still lives, with the caller's own token (OpenID Connect Core, section
 * 5.3). A token lives on for minutes after its user has signed out or was disabled: no key may come of it.
 *
 * @throws Refusal `session_ended` when the realm refuses the token or names another user, `unavailable` when it gives
 *   no answer that tells.
 */
export type ConfirmSession = (accessToken: string, userId: string) => Promise<void>;

/** @param uri the realm's userinfo endpoint. */
export function createConfirmSession(uri: string, fetchUserinfo: typeof fetch = fetch): ConfirmSession {
  return async (accessToken, userId) => {
    const subject = await ask(uri, accessToken, fetchUserinfo);
    if (subject !== userId) throw new Refusal('session_ended');
  };
}

async function ask(uri: string, accessToken: string, fetchUserinfo: typeof fetch): Promise<string> {
  let body: unknown;
  try {
    const response = await fetchUserinfo(uri, {
      headers: { authorization: `Bearer ${accessToken}`, accept: 'application/json', 'user-agent': USER_AGENT },
      redirect: 'error',
      signal: AbortSignal.timeout(USERINFO_TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 403) throw new Refusal('session_ended');
    if (response.status !== 200) throw new Error(`The realm answered with status ${response.status}.`);
    body = await response.json();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('unavailable', { cause: error });
  }
  const subject = typeof body === 'object' && body !== null && 'sub' in body ? body.sub : undefined;
  if (typeof subject !== 'string') throw new Refusal('unavailable');
  return subject;
}
