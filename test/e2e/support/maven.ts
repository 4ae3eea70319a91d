import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from './command.ts';
import { withProgress } from './progress.ts';

/** Where the real parts are kept from run to run, ignored by git. Removing it has them fetched again. */
const CACHE = fileURLToPath(new URL('../../../.cache/real/', import.meta.url));

/**
 * The folder of a real part; it is made if it isn't there yet.
 *
 * @param fill puts the part into an empty folder, which takes its name only once it is whole: a run that is cut off,
 *   or another run at the same time, leaves nothing half done behind.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(CACHE, name);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'incomplete-'));
  try {
    await fill(work);
    await rename(work, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

/** Fetches one file, given as `group:artifact:version:type`, into a folder. */
export async function fetchArtifact(artifact: string, folder: string): Promise<void> {
  await maven(`fetch ${artifact}`, ['dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
}

/** Fetches what a `pom.xml` depends on, and all that those depend on, into a folder. */
export async function fetchDependencies(pom: string, folder: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}`];
  await maven(`fetch what ${pom} names`, ['-f', pom, ...goal]);
}

/** `-C`: a file whose checksum is wrong fails the fetch. */
async function maven(step: string, args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await withProgress(step, () =>
    runCommand('mvn', ['-q', '-B', '-C', ...args]).catch((error: unknown) => {
      throw new Error(
        'Maven could not be started: the e2e tests fetch Keycloak and DynamoDB Local with it. ' +
          'Install Maven 3.8 or later and Java 17 or later, as with "apt-get install maven openjdk-17-jre-headless".',
        { cause: error },
      );
    }),
  );
  if (exitCode !== 0) throw new Error(`mvn could not ${step} (exit status ${exitCode}):\n${stdout}${stderr}`);
}

/** @throws saying what to install, when there is no Java or one that is too old for Keycloak and DynamoDB Local. */
export async function requireJava(): Promise<void> {
  const found = await runCommand('java', ['-version']).catch(() => undefined);
  const version = /version "(\d+)/.exec(found?.stderr ?? '')?.[1];
  if (Number(version) >= 17) return;
  throw new Error(
    `The e2e tests run Keycloak and DynamoDB Local on Java 17 or later, but ${
      version === undefined ? 'no java was found' : `java is version ${version}`
    }: install one, as with "apt-get install openjdk-17-jre-headless".`,
  );
}
