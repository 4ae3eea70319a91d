import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { freePort } from './free-port.ts';
import { cached, fetchArtifact } from './maven.ts';
import { withProgress } from './progress.ts';
import { type Service, startService } from './service.ts';

/** Where a Keycloak is, and who may administer it. */
export interface Keycloak {
  readonly origin: string;
  readonly adminUsername: string;
  readonly adminPassword: string;
}

/** With what it serves https, on a port of its own. */
export interface Tls {
  /** An address of the loopback. */
  readonly host: string;
  readonly port: number;
  /** A PKCS #12 file with one key and its certificate, for that address. */
  readonly keyStore: string;
  readonly password: string;
}

const VERSION = '26.7.3';

/** The JVM for a short life: a small heap, no second compiler. Replaces what kc.sh would choose. */
const JVM = {
  JAVA_OPTS: '-XX:MetaspaceSize=96M -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
};

export type RunningKeycloak = Service & { readonly keycloak: Keycloak };

/**
 * Starts an empty Keycloak on a free port. Its database is in memory, so runs don't meet and nothing is left.
 *
 * @param tls has it serve https too; that is then its name, and the issuer of its tokens.
 */
export async function startKeycloak(tls?: Tls): Promise<RunningKeycloak> {
  return launch(await newKeycloak(tls?.host), {}, tls);
}

/** The same, to be started again and again: its database is kept in a folder. The first start finds it empty. */
export async function createKeptKeycloak(folder: string): Promise<{ start(): Promise<RunningKeycloak> }> {
  const keycloak = await newKeycloak();
  return {
    start: () => launch(keycloak, { KC_DB_URL: `jdbc:h2:file:${join(folder, 'keycloak')};NON_KEYWORDS=VALUE` }),
  };
}

async function newKeycloak(host = '127.0.0.1'): Promise<Keycloak> {
  const origin = `http://${host}:${await freePort()}`;
  return { origin, adminUsername: 'admin', adminPassword: randomBytes(16).toString('hex') };
}

async function launch(keycloak: Keycloak, env: NodeJS.ProcessEnv, tls?: Tls): Promise<RunningKeycloak> {
  const home = await install();
  const service = await startService({
    name: `Keycloak ${VERSION}`,
    command: join(home, 'bin/kc.sh'),
    args: [
      'start',
      '--optimized',
      '--cache=local',
      '--http-enabled=true',
      `--http-host=${new URL(keycloak.origin).hostname}`,
      `--http-port=${new URL(keycloak.origin).port}`,
      // In full, so that `iss` doesn't follow the Host header.
      `--hostname=${tls === undefined ? keycloak.origin : `https://${tls.host}:${tls.port}`}`,
      ...(tls === undefined ? [] : httpsOptions(tls)),
    ],
    env: {
      ...JVM,
      KC_BOOTSTRAP_ADMIN_USERNAME: keycloak.adminUsername,
      KC_BOOTSTRAP_ADMIN_PASSWORD: keycloak.adminPassword,
      ...env,
    },
    // The port opens early and answers 503 until Keycloak has set itself up.
    isReady: async () => (await fetch(`${keycloak.origin}/realms/master/.well-known/openid-configuration`)).ok,
  });
  return { ...service, keycloak };
}

function httpsOptions({ port, keyStore, password }: Tls): readonly string[] {
  return [
    `--https-port=${port}`,
    `--https-key-store-file=${keyStore}`,
    `--https-key-store-password=${password}`,
    '--https-key-store-type=pkcs12',
  ];
}

/** Fetches and unpacks Keycloak, and builds it for its database: that takes once what each start would take else. */
function install(): Promise<string> {
  return cached(`keycloak-${VERSION}`, async (work) => {
    await fetchArtifact(`org.keycloak:keycloak-quarkus-dist:${VERSION}:tar.gz`, work);
    const archive = join(work, `keycloak-quarkus-dist-${VERSION}.tar.gz`);
    await must('unpack Keycloak', 'tar', ['xzf', archive, '--strip-components=1', '-C', work]);
    await rm(archive);
    await must('build Keycloak', join(work, 'bin/kc.sh'), ['build', '--db=dev-mem']);
  });
}

async function must(step: string, command: string, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await withProgress(step, () => runCommand(command, args));
  if (exitCode !== 0) throw new Error(`Could not ${step} (exit status ${exitCode}):\n${stdout}${stderr}`);
}
