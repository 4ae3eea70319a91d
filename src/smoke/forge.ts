import { createHmac, createSign, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createApiKey, createKeyId, parseApiKey } from '../key-format/format.ts';
import { newRsaKey } from '../rsa-key.ts';
import { parseObject } from './check.ts';
import type { Target } from './target.ts';

type Json = Readonly<Record<string, unknown>>;

interface Parts {
  readonly header: Json;
  readonly claims: Json;
}

/** A well-formed key that nobody was ever given, of the same prefix and environment as the user's own. */
export function unknownKey(target: Target): string {
  const environment = keyEnvironmentOf(target) ?? 'live';
  return createApiKey(
    { prefix: target.keyPrefix, environment, keyId: createKeyId(randomUUID(), randomBytes) },
    randomBytes,
  );
}

/** The user's own key with another secret; nothing for a key of another form. */
export function withOtherSecret({ key = '', keyPrefix: prefix }: Target): string | undefined {
  const parsed = parseApiKey(key, prefix);
  return parsed && createApiKey({ prefix, ...parsed }, randomBytes);
}

export function keyIdOf({ key = '', keyPrefix }: Target): string | undefined {
  return parseApiKey(key, keyPrefix)?.keyId;
}

function keyEnvironmentOf({ key = '', keyPrefix }: Target): string | undefined {
  return parseApiKey(key, keyPrefix)?.environment;
}

/**
 * Tokens that nobody was ever issued. They have the header and the claims of the user's own token, if there is one, and
 * so nothing against them but what is forged. Each is new, so that no cached result answers for it.
 */
const FORGERIES = {
  unsigned: ({ header, claims }) => encode({ header: { ...header, alg: 'none' }, claims }, () => ''),
  hmac: ({ header, claims }) =>
    encode({ header: { ...header, alg: 'HS256' }, claims }, (input) =>
      createHmac('sha256', randomBytes(32)).update(input).digest('base64url'),
    ),
  stranger: (parts) => sign(parts),
  otherIssuer: ({ header, claims }) =>
    sign({ header, claims: { ...claims, iss: 'https://id.gatepass.invalid/realms/other' } }),
} as const satisfies Record<string, (parts: Parts) => string>;

export function forge(kind: keyof typeof FORGERIES, { token }: Target): string {
  const { header, claims } = token === undefined ? madeUp() : partsOf(token);
  return FORGERIES[kind]({ header, claims: { ...claims, jti: randomUUID() } });
}

/** The user's own token with the signature that it has, for another subject. */
export function withChangedClaims(token: string): string {
  const { header, claims } = partsOf(token);
  return encode({ header, claims: { ...claims, sub: randomUUID() } }, () => token.split('.')[2] ?? '');
}

/** Reads a token without any verification: what a server thinks of it is what is tested. */
export function partsOf(token: string): Parts {
  const [header = '', claims = ''] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString('utf8'));
  return { header: parseObject(header), claims: parseObject(claims) };
}

function madeUp(): Parts {
  const now = Math.floor(Date.now() / 1000);
  return {
    header: { typ: 'JWT', alg: 'RS256', kid: randomUUID() },
    claims: {
      iss: 'https://id.gatepass.invalid/realms/smoke',
      sub: randomUUID(),
      typ: 'Bearer',
      iat: now,
      exp: now + 600,
    },
  };
}

let strangersKey: KeyObject | undefined;

function sign({ header, claims }: Parts): string {
  strangersKey ??= newRsaKey();
  const privateKey = strangersKey;
  return encode({ header: { ...header, alg: 'RS256' }, claims }, (input) =>
    createSign('RSA-SHA256').update(input).sign(privateKey, 'base64url'),
  );
}

/** RFC 7515, section 7.1. */
function encode({ header, claims }: Parts, signatureOf: (input: string) => string): string {
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${input}.${signatureOf(input)}`;
}
