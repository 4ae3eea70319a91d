import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { newRsaKey } from '../rsa-key.ts';
import type { EmbeddedIssuer } from './embedded-issuer.ts';

export const DEMO_AUDIENCE = 'demo-api';
export const DEMO_CLIENTS = 'demo-web,demo-service';

type Claims = Readonly<Record<string, unknown>>;
type Recipe = (issuer: EmbeddedIssuer, now: number) => Promise<string> | string;

const HOUR = 3600;

/** A session of the demo's user that has been ended for good: see `putDemoAccounts`. */
export const ENDED_SESSION = 'session-ended';

/** What a token says of the demo's user, whatever client it is for. */
export const DEMO_USER_CLAIMS = {
  sub: 'user-42',
  acr: '1',
  realm_access: { roles: ['editor', 'viewer'] },
  scope: 'openid profile email',
  email_verified: true,
  name: 'Ada Lovelace',
  preferred_username: 'ada',
  given_name: 'Ada',
  family_name: 'Lovelace',
  email: 'ada@example.com',
};

/** The claims of an access token as Keycloak 26 issues it to a user who has logged in. */
function accessClaims(issuer: EmbeddedIssuer, now: number): Claims {
  return {
    exp: now + HOUR,
    iat: now,
    jti: `onrtro:${randomUUID()}`,
    iss: issuer.issuer,
    aud: [DEMO_AUDIENCE, 'account'],
    typ: 'Bearer',
    azp: 'demo-web',
    sid: randomUUID(),
    ...DEMO_USER_CLAIMS,
  };
}

/** An access token with some claims changed; a claim set to undefined is left out. */
function changed(change: (now: number) => Claims, header?: object): Recipe {
  return (issuer, now) => issuer.sign({ ...accessClaims(issuer, now), ...change(now) }, header);
}

/** A token for each way in which one is good or bad. The names are the placeholders of `events/`. */
const RECIPES = {
  ACCESS_TOKEN: changed(() => ({})),
  SERVICE_ACCOUNT_TOKEN: changed(() => ({
    sub: 'service-7',
    azp: 'demo-service',
    client_id: 'demo-service',
    aud: DEMO_AUDIENCE,
    preferred_username: 'service-account-demo-service',
    realm_access: undefined,
    ...NO_PROFILE,
  })),
  TOKEN_WITH_CONTROL_CHARACTERS: changed(() => ({ given_name: 'Ada\r\nX-Admin: yes', email: undefined })),
  TOKEN_OF_DISABLED_USER: changed(() => ({ sub: 'user-disabled' })),
  TOKEN_OF_DELETED_USER: changed(() => ({ sub: 'user-deleted' })),
  TOKEN_OF_ENDED_SESSION: changed(() => ({ sid: ENDED_SESSION })),
  TOKEN_OF_UNKNOWN_USER: changed(() => ({ sub: 'user-99' })),
  TOKEN_EXPIRED: changed((now) => ({ exp: now - 31, iat: now - HOUR })),
  TOKEN_WITHOUT_EXPIRY: changed(() => ({ exp: undefined })),
  TOKEN_NOT_YET_VALID: changed((now) => ({ nbf: now + 90 })),
  TOKEN_ISSUED_IN_FUTURE: changed((now) => ({ iat: now + 90 })),
  TOKEN_OF_OTHER_ISSUER: changed(() => ({ iss: 'https://id.gatepass.test/realms/other' })),
  TOKEN_WITHOUT_SUBJECT: changed(() => ({ sub: undefined })),
  TOKEN_FOR_OTHER_AUDIENCE: changed(() => ({ aud: 'account' })),
  TOKEN_OF_OTHER_CLIENT: changed(() => ({ azp: 'another-client' })),
  TOKEN_BOUND_TO_SENDER: changed(() => ({ typ: 'DPoP', cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } })),
  TOKEN_WITH_CRITICAL_HEADER: changed(() => ({}), { crit: ['b64'], b64: true }),
  TOKEN_WITHOUT_KEY_ID: changed(() => ({}), { kid: undefined }),
  TOKEN_WITH_UNKNOWN_KEY: changed(() => ({}), { kid: 'no-such-key' }),
  TOKEN_WITH_ENCRYPTION_KEY: (issuer, now) => issuer.sign(accessClaims(issuer, now), { kid: issuer.encryptionKid }),
  ID_TOKEN: changed(() => ({ typ: 'ID', aud: 'demo-web', realm_access: undefined, scope: undefined })),
  REFRESH_TOKEN: (issuer, now) =>
    signHmac(issuer, now, 'HS512', randomBytes(64), { typ: 'Refresh', aud: issuer.issuer }),
  TOKEN_WITHOUT_ALGORITHM: (issuer, now) => new UnsecuredJWT({ ...accessClaims(issuer, now) }).encode(),
  /** The classic confusion: the realm's public key, taken for an HMAC secret. */
  TOKEN_SIGNED_WITH_PUBLIC_KEY: (issuer, now) =>
    signHmac(issuer, now, 'HS256', Buffer.from(issuer.publicKey.export({ type: 'spki', format: 'pem' }))),
  TOKEN_SIGNED_BY_STRANGER: (issuer, now) =>
    new SignJWT({ ...accessClaims(issuer, now) })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: issuer.signingKid })
      .sign(newRsaKey()),
  TOKEN_WITH_CHANGED_CLAIMS: async (issuer, now) => {
    const [header, , signature] = (await issuer.sign(accessClaims(issuer, now))).split('.');
    const claims = JSON.stringify({ ...accessClaims(issuer, now), sub: 'user-1' });
    return `${header}.${Buffer.from(claims).toString('base64url')}.${signature}`;
  },
  TOKEN_PADDED: async (issuer, now) => `${await issuer.sign(accessClaims(issuer, now))}==`,
  TOKEN_TOO_LARGE: changed(() => ({ padding: 'x'.repeat(8192) })),
} as const satisfies Record<string, Recipe>;

const NO_PROFILE = { sid: undefined, name: undefined, given_name: undefined, family_name: undefined, email: undefined };

export type DemoTokenName = keyof typeof RECIPES;

export const DEMO_TOKEN_NAMES = Object.keys(RECIPES);

/** Makes a token for one case. */
export async function makeDemoToken(issuer: EmbeddedIssuer, name: DemoTokenName, nowMs: number): Promise<string> {
  return await RECIPES[name](issuer, Math.floor(nowMs / 1000));
}

function signHmac(
  issuer: EmbeddedIssuer,
  now: number,
  alg: string,
  secret: Uint8Array,
  change: Claims = {},
): Promise<string> {
  return new SignJWT({ ...accessClaims(issuer, now), ...change })
    .setProtectedHeader({ alg, typ: 'JWT', kid: issuer.signingKid })
    .sign(createSecretKey(secret));
}
