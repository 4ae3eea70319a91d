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

const VERSION = '26.7.3';

/** The JVM for a short life: a small heap, no second compiler. Replaces what kc.sh would choose. */
const JVM = {
  JAVA_OPTS: '-XX:MetaspaceSize=96M -XX:MaxMetaspaceSize=256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1',
  JAVA_OPTS_KC_HEAP: '-Xms64m -Xmx512m',
};

export type RunningKeycloak = Service & { readonly keycloak: Keycloak };

/** Starts an empty Keycloak on a free port. Its database is in memory, so runs don't meet and nothing is left. */
export async function startKeycloak(): Promise<RunningKeycloak> {
  return launch(await newKeycloak());
}

/** The same, to be started again and again: its database is kept in a folder. The first start finds it empty. */
export async function createKeptKeycloak(folder: string): Promise<{ start(): Promise<RunningKeycloak> }> {
  const keycloak = await newKeycloak();
  return {
    start: () => launch(keycloak, { KC_DB_URL: `jdbc:h2:file:${join(folder, 'keycloak')};NON_KEYWORDS=VALUE` }),
  };
}

async function newKeycloak(): Promise<Keycloak> {
  const origin = `http://127.0.0.1:${await freePort()}`;
  return { origin, adminUsername: 'admin', adminPassword: randomBytes(16).toString('hex') };
}

async function launch(keycloak: Keycloak, env: NodeJS.ProcessEnv = {}): Promise<RunningKeycloak> {
  const home = await install();
  const service = await startService({
    name: `Keycloak ${VERSION}`,
    command: join(home, 'bin/kc.sh'),
    args: [
      'start',
      '--optimized',
      '--cache=local',
      '--http-enabled=true',
      '--http-host=127.0.0.1',
      `--http-port=${new URL(keycloak.origin).port}`,
      `--hostname=${keycloak.origin}`, // in full, so that `iss` doesn't follow the Host header
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
