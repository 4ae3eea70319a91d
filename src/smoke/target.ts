/** What is put to the test, and what the user gave to test it with. */
export interface Target {
  /** Where the API is, its stage included, without a slash at the end. */
  readonly url: string;
  /** A protected route that answers 2xx to an allowed `GET`. */
  readonly path: string;
  /** Another protected route: the cache serves all of them. */
  readonly other: Route;
  readonly kind: 'rest' | 'http';
  /** Whether API Gateway caches results, and so answers a missing or empty header by itself. */
  readonly mode: 'cached' | 'uncached' | 'auto';
  /** Whether pages of other origins are to read the answers. */
  readonly hasCors: boolean;
  /** Whether `path` is the example API's, whose answer tells the caller. */
  readonly isExample: boolean;
  /** How long API Gateway keeps a result, in seconds. */
  readonly ttlSeconds: number;
  /** How long the end of the expiring token may be waited for, in seconds. */
  readonly maxWaitSeconds: number;
  /** How the API's keys start, without the underscore. */
  readonly keyPrefix: string;
  readonly key?: string | undefined;
  readonly token?: string | undefined;
  readonly expiring?: ExpiringToken | undefined;
  readonly revocation?: Revocation | undefined;
  readonly networkKeys?: NetworkKeys | undefined;
}

export interface Route {
  readonly method: string;
  readonly path: string;
}

export interface ExpiringToken {
  readonly token: string;
  /** The first moment at which it no longer counts, in epoch seconds. */
  readonly end: number;
}

export interface Revocation {
  readonly key: string;
  /** A command for the shell that revokes the key. */
  readonly command: string;
}

/** Good keys with allowed networks. */
export interface NetworkKeys {
  /** The networks have this computer's address. */
  readonly inside: string;
  /** They don't have it. */
  readonly outside: string;
}
