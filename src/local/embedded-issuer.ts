import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { once } from 'node:events';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { calculateJwkThumbprint, SignJWT } from 'jose';
import { newRsaKey } from '../rsa-key.ts';
import { unusable } from './kept-folder.ts';
import { createSignIn, type SignInParts } from './realm-sign-in.ts';

/** A name that can't be resolved (RFC 2606): where the keys are fetched is configured apart from it. */
export const LOCAL_ISSUER = 'https://id.gatepass.test/realms/demo';

const JWKS_PATH = '/realms/demo/protocol/openid-connect/certs';

export interface EmbeddedIssuer {
  readonly issuer: string;
  readonly jwksUri: string;
  /** The same realm by the address at which a browser reaches it, for who signs in there. */
  readonly signInIssuer: string;
  /** The `kid`s it publishes: its signing key's, and its encryption key's. */
  readonly signingKid: string;
  readonly encryptionKid: string;
  readonly publicKey: KeyObject;
  /** Secret bytes that stay as long as its signing key does. */
  readonly seed: Uint8Array;
  /** Signs claims with RS256 as Keycloak does; `header` replaces parts of the protected header. */
  sign(claims: object, header?: object): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts an issuer that stands in for a Keycloak realm: it publishes a key set of Keycloak's shape on a free port of
 * the loopback, and signs what it is told to.
 *
 * @param keyFile where its signing key is kept from run to run (mode 0600); without one it is made for this run.
 * @param user who may sign in there, and for what; without one nobody can.
 */
export async function startEmbeddedIssuer(
  keyFile?: string,
  user?: Pick<SignInParts, 'claims' | 'clientId' | 'audience' | 'now'>,
): Promise<EmbeddedIssuer> {
  const privateKey = keyFile === undefined ? newRsaKey() : readOrGenerateKey(keyFile);
  const signing = await publish(privateKey, { use: 'sig', alg: 'RS256' });
  const encryption = await publish(newRsaKey(), { use: 'enc', alg: 'RSA-OAEP' });
  const jwks = JSON.stringify({ keys: [encryption, signing] });

  const sign = (claims: object, header?: object) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: signing.kid, ...header })
      .sign(privateKey);
  let signIn: ReturnType<typeof createSignIn> | undefined;

  const server = createServer((request, response) => {
    if (signIn?.(request, response)) return;
    const found = request.method === 'GET' && request.url === JWKS_PATH;
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' }).end(found ? jwks : '{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const signInIssuer = `${origin}${new URL(LOCAL_ISSUER).pathname}`;
  if (user !== undefined) signIn = createSignIn({ ...user, issuer: signInIssuer, sign });

  return {
    issuer: LOCAL_ISSUER,
    jwksUri: `${origin}${JWKS_PATH}`,
    signInIssuer,
    signingKid: signing.kid,
    encryptionKid: encryption.kid,
    publicKey: createPublicKey(privateKey),
    seed: createHash('sha256')
      .update(privateKey.export({ type: 'pkcs8', format: 'der' }))
      .digest(),
    sign,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function publish(key: KeyObject, purpose: { use: string; alg: string }): Promise<JsonWebKey & { kid: string }> {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  return { ...jwk, ...purpose, kid: await calculateJwkThumbprint({ ...jwk, kty: 'RSA' }) };
}

/** The key in a file, or a new one that is put there: the same for all programs that start at once. */
function readOrGenerateKey(file: string): KeyObject {
  try {
    if (!existsSync(file)) putKey(file, newRsaKey());
    return createPrivateKey(readFileSync(file));
  } catch (cause) {
    throw unusable(file, cause);
  }
}

/** Puts a key into a file that is there either whole or not at all. */
function putKey(file: string, key: KeyObject): void {
  const made = `${file}.${randomUUID()}`;
  writeFileSync(made, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  try {
    linkSync(made, file);
  } catch (error) {
    if (!existsSync(file)) throw error; // otherwise another program was faster
  } finally {
    rmSync(made);
  }
}
