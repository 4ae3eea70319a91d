import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { freePort } from '../../e2e/support/free-port.ts';
import { type Keycloak, startKeycloak } from '../../e2e/support/keycloak.ts';
import { mustRun } from './aws.ts';

export interface TlsKeycloak {
  /** By http, for the tests' own requests. */
  readonly keycloak: Keycloak;
  /** By https, with a certificate of no public authority: what its tokens name as their issuer. */
  readonly origin: string;
  /** That certificate, in PEM. */
  readonly caFile: string;
  stop(): Promise<void>;
}

/** On the loopback, but no address by which MiniStack's functions are kept from https. */
const HOST = '127.0.0.2';

/** Starts a Keycloak that serves https with a certificate made for this run. */
export async function startTlsKeycloak(folder: string): Promise<TlsKeycloak> {
  const [keyStore, caFile, password] = [
    join(folder, 'realm.p12'),
    join(folder, 'ca.pem'),
    randomBytes(16).toString('hex'),
  ];
  const which = ['-alias', 'realm', '-storetype', 'PKCS12', '-keystore', keyStore, '-storepass', password];
  const certificate = ['-keyalg', 'RSA', '-keysize', '2048', '-validity', '2', '-dname', `CN=${HOST}`];
  await mustRun('keytool', ['-genkeypair', ...which, ...certificate, '-ext', `san=ip:${HOST}`, '-ext', 'bc:c']);
  await mustRun('keytool', ['-exportcert', '-rfc', ...which, '-file', caFile]);
  const port = await freePort();
  const { keycloak, stop } = await startKeycloak({ host: HOST, port, keyStore, password });
  return { keycloak, origin: `https://${HOST}:${port}`, caFile, stop };
}
