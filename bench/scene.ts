import { createPublicKey, type KeyObject, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import dynalite from 'dynalite';
import { createAccount, createKey, createTable, openAdmin } from '../src/accounts/index.ts';
import { newRsaKey } from '../src/rsa-key.ts';
import { putKeySet } from '../src/table/realm-items.ts';
import { openTable } from '../src/table/table.ts';
import type { Certificate, Job } from './job.ts';

export const AUDIENCE = 'orders-api';
export const CLIENT = 'orders-web';
export const TABLE = 'gatepass';
const USER_ID = '7b6f0c1e-3a52-4b8f-9d57-0e2c4a9f6d13';
const KID = 'FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE';

/** A realm and a table by TLS, each with a count of what was asked of it; credentials; and what a function is told. */
export interface Scene {
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** A good access token, with some claims changed. */
  token(change?: object): string;
  /** The same token with another signature. */
  forged(): string;
  readonly key: string;
  readonly requests: { realm: number; table: number };
  /** The environment of a function of ours, and of a peer. */
  readonly env: Readonly<Record<string, string>>;
  readonly tableEndpoint: string;
  stop(): Promise<void>;
}

export async function startScene({ certificate, work }: Job): Promise<Scene> {
  const privateKey = newRsaKey();
  const requests = { realm: 0, table: 0 };
  const publicKey = createPublicKey(privateKey);
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KID, use: 'sig', alg: 'RS256' };
  const jwks = JSON.stringify({ keys: [jwk] });
  const realm = await listen(certificate, (_request, response) => {
    requests.realm += 1;
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  const backing = dynalite({ path: join(work, 'table'), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const table = await listen(certificate, (request, response) => {
    requests.table += 1;
    backing.emit('request', request, response);
  });
  const issuer = `${realm.origin}/realms/main`;
  const jwksUri = `${issuer}/protocol/openid-connect/certs`;
  const aws = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_ENDPOINT_URL_DYNAMODB: table.origin,
  };
  Object.assign(process.env, aws);

  const opened = openTable(TABLE);
  await createTable(opened);
  await putKeySet(opened, issuer, { jwks, fetchedAt: Math.floor(Date.now() / 1000) });
  const admin = openAdmin({ table: opened });
  await createAccount(admin, { userId: USER_ID, email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
  const { key } = await createKey(admin, { userId: USER_ID, name: 'bench' });

  const header = encode({ alg: 'RS256', typ: 'JWT', kid: KID });
  function token(change: object = {}): string {
    const body = `${header}.${encode({ ...claimsOf(issuer), ...change })}`;
    return `${body}.${sign('RSA-SHA256', Buffer.from(body), privateKey).toString('base64url')}`;
  }

  return {
    issuer,
    publicKey,
    token,
    forged: () => token().replace(/[^.]+$/, (signature) => Buffer.from(signature).toString('base64url').slice(0, 342)),
    key,
    requests,
    tableEndpoint: table.origin,
    env: {
      ...aws,
      ...{ GATEPASS_TABLE: TABLE, GATEPASS_ISSUER: issuer, GATEPASS_AUDIENCE: AUDIENCE, GATEPASS_CLIENTS: CLIENT },
      ...{ TABLE, ISSUER: issuer, AUDIENCE, CLIENT, JWKS_URI: jwksUri },
      NODE_EXTRA_CA_CERTS: certificate.certificateFile,
    },
    async stop() {
      opened.client.destroy();
      await Promise.all([realm.stop(), table.stop()]);
    },
  };
}

/** The claims of a Keycloak access token, with the default roles and scopes, and one role of the API's. */
function claimsOf(issuer: string): object {
  const iat = Math.floor(Date.now() / 1000);
  return {
    exp: iat + 3600,
    iat,
    jti: randomUUID(),
    iss: issuer,
    aud: [AUDIENCE, 'account'],
    sub: USER_ID,
    typ: 'Bearer',
    azp: CLIENT,
    sid: randomUUID(),
    acr: '1',
    'allowed-origins': ['https://orders.example.com'],
    realm_access: { roles: ['default-roles-main', 'offline_access', 'uma_authorization', 'orders-admin'] },
    resource_access: { account: { roles: ['manage-account', 'manage-account-links', 'view-profile'] } },
    scope: 'openid email profile',
    email_verified: true,
    name: 'Ada Lovelace',
    preferred_username: 'ada',
    given_name: 'Ada',
    family_name: 'Lovelace',
    email: 'ada@example.com',
  };
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

async function listen({ certificateFile, keyFile }: Certificate, listener: RequestListener) {
  const server = createServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, listener);
  server.keepAliveTimeout = 0; // one that closes as a request is sent would cost a retry
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a string
  return {
    origin: `https://localhost:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
