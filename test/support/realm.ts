import { createPublicKey, type JsonWebKey, type KeyObject, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { FetchedJwks } from '../../src/bearer/fetch-jwks.ts';
import { newRsaKey } from '../../src/rsa-key.ts';
import type { MovedClock } from './moved-clock.ts';

export const ISSUER = 'https://id.example.com/realms/main';
export const AUDIENCE = 'orders-api';
export const CLIENT = 'orders-web';

export type Claims = Readonly<Record<string, unknown>>;

/** A key pair of the realm. */
export interface RealmKeyPair {
  readonly kid: string;
  readonly privateKey: KeyObject;
  /** What the realm publishes of it. */
  readonly jwk: JsonWebKey;
}

/** A Keycloak realm whose keys a test rotates, withdraws and makes unreachable. */
export interface Realm {
  /** Signs with this key until it is rotated. */
  readonly signing: RealmKeyPair;
  /** Fetches the published key set, or fails as it was told to. */
  readonly fetchJwks: (uri: string, timeoutMs: number) => Promise<FetchedJwks>;
  /** The addresses that were fetched from, in order. */
  readonly fetched: readonly string[];
  /** How long each of those fetches might take, in milliseconds. */
  readonly timeouts: readonly number[];
  /** The claims of an access token as Keycloak issues it; a claim set to undefined is left out. */
  claims(change?: Claims): Claims;
  /** An access token signed by the realm, with some claims and header parameters changed. */
  token(change?: Claims, header?: Claims): Promise<string>;
  /** A good access token of exactly so many characters. */
  tokenOfLength(length: number): Promise<string>;
  /** What it publishes from now on. */
  publish(...jwks: readonly unknown[]): void;
  /** What it answers from now on: a document, or an error to fail with. */
  answer(answer: unknown): void;
  /** Lets fetches that begin from now on wait until released; they still bring what was published as they began. */
  hold(): { release(): void };
}

const pool: KeyObject[] = [];

/** RSA keys are dear to make, so the realms of one test file share the first few. */
function pooledKey(index: number): KeyObject {
  const key = pool[index] ?? newRsaKey();
  pool[index] = key;
  return key;
}

/** @param index which of the shared keys: the realm signs with 0. */
export function makeKeyPair(index: number, change: Claims = {}): RealmKeyPair {
  const privateKey = pooledKey(index);
  return describeKey(privateKey, change);
}

export function describeKey(privateKey: KeyObject, change: Claims = {}): RealmKeyPair {
  const kid = `kid-${randomUUID()}`;
  const jwk = { ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256', ...change };
  return { kid, privateKey, jwk };
}

export function sign(claims: Claims, { kid, privateKey }: RealmKeyPair, header: Claims = {}): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid, ...header }).sign(privateKey);
}

export function createRealm(clock: MovedClock): Realm {
  const signing = makeKeyPair(0);
  const fetched: string[] = [];
  const timeouts: number[] = [];
  let answer: unknown = { keys: [signing.jwk] };
  let gate: Promise<void> = Promise.resolve();

  function claims(change: Claims = {}): Claims {
    const now = clock.seconds();
    return {
      exp: now + 300,
      iat: now,
      jti: randomUUID(),
      iss: ISSUER,
      aud: [AUDIENCE, 'account'],
      sub: 'user-42',
      typ: 'Bearer',
      azp: CLIENT,
      sid: randomUUID(),
      realm_access: { roles: ['editor', 'viewer'] },
      scope: 'openid profile email',
      given_name: 'Ada',
      family_name: 'Lovelace',
      email: 'ada@example.com',
      ...change,
    };
  }

  return {
    signing,
    fetched,
    timeouts,
    claims,
    async fetchJwks(uri, timeoutMs) {
      fetched.push(uri);
      timeouts.push(timeoutMs);
      const asItBegan = answer;
      await gate;
      if (asItBegan instanceof Error) throw asItBegan;
      return { document: asItBegan, isFromCache: false };
    },
    token: (change, header) => sign(claims(change), signing, header),
    tokenOfLength: (length) => padToken(claims(), signing, length),
    publish: (...jwks) => {
      answer = { keys: jwks };
    },
    answer: (next) => {
      answer = next;
    },
    hold() {
      let release = () => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return { release };
    },
  };
}

/** Pads the claims by nearly as much as is missing and the header by the rest: not every length is one of base64url. */
async function padToken(claims: Claims, pair: RealmKeyPair, length: number): Promise<string> {
  for (const pad of ['', 'x', 'xx', 'xxx']) {
    const bare = await sign({ ...claims, padding: '' }, pair, { pad });
    const missing = Math.floor(((length - bare.length) * 3) / 4);
    for (const padding of [missing - 1, missing, missing + 1]) {
      const token = await sign({ ...claims, padding: 'x'.repeat(padding) }, pair, { pad });
      if (token.length === length) return token;
    }
  }
  throw new Error(`No token has ${length} characters.`);
}
