/** What the realm gave at the sign-in, or at a refresh. */
export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The realm gives no token any more: the user has to sign in again. */
export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
}

/** A token is refreshed this long before it ends, so that none ends on its way. */
const MARGIN_MS = 20_000;

/** The user's session at the realm. Tokens lie in memory only, and go with the page. */
export interface Session {
  /** A token that still lives. @throws what `refresh` does */
  accessToken(): Promise<string>;
  idToken(): string;
}

/**
 * @param refresh gets new tokens, or fails: with SessionEnded, if the realm gives none any more. It isn't called twice at
 *   once.
 * @param now epoch milliseconds
 */
export function createSession(first: Tokens, refresh: (tokens: Tokens) => Promise<Tokens>, now: () => number): Session {
  let tokens = first;
  let refreshing: Promise<void> | undefined;

  async function refreshOnce(): Promise<void> {
    try {
      tokens = await refresh(tokens);
    } finally {
      refreshing = undefined;
    }
  }

  return {
    async accessToken() {
      if (now() >= tokens.expiresAt - MARGIN_MS) {
        refreshing ??= refreshOnce();
        await refreshing;
      }
      return tokens.accessToken;
    },
    idToken: () => tokens.idToken,
  };
}
