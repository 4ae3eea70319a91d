import {
  type Draft,
  discoverRealm,
  finishSignIn,
  isReturning,
  leaveToSignIn,
  leaveToSignOut,
  type PageConfig,
  type Realm,
  refresh,
  type Tokens,
  takeJourney,
} from './sign-in.ts';

/** A token is refreshed this long before it ends, so that none ends on its way. */
const MARGIN_MS = 20_000;

/** The user's session at the realm. Tokens lie in memory only, and go with the page. */
export interface Session {
  /** A token that still lives. @throws SessionEnded when the realm gives none any more. */
  accessToken(): Promise<string>;
  /** Goes to the realm and comes back with what was typed. */
  signInAgain(draft?: Draft): Promise<never>;
  signOut(): Promise<never>;
}

export class SessionEnded extends Error {
  override readonly name = 'SessionEnded';
}

export type Arrival =
  | { readonly kind: 'signed_in'; readonly session: Session; readonly draft: Draft | undefined }
  | { readonly kind: 'signed_out'; readonly signIn: () => Promise<never> }
  | { readonly kind: 'failed'; readonly why: string; readonly signIn: () => Promise<never> };

/**
 * Begins the page: comes back from the realm, or leaves for it. A sign-in that failed is told, and not tried again by
 * itself, since the realm would send the user back and forth.
 */
export async function arrive(config: PageConfig): Promise<Arrival> {
  const journey = takeJourney();
  const realm = await discoverRealm(config);
  const signIn = () => leaveToSignIn(config, realm, journey.draft);
  if (isReturning()) {
    try {
      const tokens = await finishSignIn(config, realm, journey);
      return { kind: 'signed_in', session: createSession(config, realm, tokens), draft: journey.draft };
    } catch (error) {
      return { kind: 'failed', why: error instanceof Error ? error.message : String(error), signIn };
    }
  }
  if (journey.signedOut === true) return { kind: 'signed_out', signIn };
  return signIn();
}

function createSession(config: PageConfig, realm: Realm, first: Tokens): Session {
  let tokens = first;
  let refreshing: Promise<void> | undefined;

  async function refreshOnce(): Promise<void> {
    try {
      tokens = await refresh(config, realm, tokens);
    } catch (error) {
      throw new SessionEnded('The session has ended.', { cause: error });
    } finally {
      refreshing = undefined;
    }
  }

  return {
    async accessToken() {
      if (Date.now() >= tokens.expiresAt - MARGIN_MS) {
        refreshing ??= refreshOnce();
        await refreshing;
      }
      return tokens.accessToken;
    },
    signInAgain: (draft) => leaveToSignIn(config, realm, draft),
    signOut: () => leaveToSignOut(config, realm, tokens),
  };
}
