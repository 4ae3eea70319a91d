import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { installPythonTools, run } from '../../../infra/check/install.mjs';
import { withProgress } from '../../e2e/support/progress.ts';
import { MINISTACK_BIN, REGION, SAM_BIN, startEmulator } from './emulator.ts';
import { adaptFile } from './unsupported.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Removed at the end, with all that the emulator and the tools have put there. */
    readonly folder: string;
    readonly endpoint: string;
    readonly bucket: string;
    /** template.yaml as `sam build` leaves it. */
    readonly template: string;
  }
}

const BUCKET = 'gatepass-test-deployments';

/** Installs the tools, starts the emulator and builds the template, once for all test files. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await withProgress('install the AWS tools and MiniStack', () =>
    Promise.all([
      installPythonTools('.venv-aws', 'infra/check/requirements.txt'),
      installPythonTools('.venv-ministack', 'test/deploy/requirements.txt'),
    ]),
  );
  const folder = await mkdtemp(join(tmpdir(), 'gatepass-deploy-'));
  const emulator = await startEmulator(folder).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  const stop = async () => {
    await emulator.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const env = {
      ...process.env,
      HOME: folder,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_DEFAULT_REGION: REGION,
      AWS_ENDPOINT_URL: emulator.endpoint,
      SAM_CLI_TELEMETRY: '0',
    };
    const build = join(folder, 'build');
    await withProgress('sam build', () => run(join(SAM_BIN, 'sam'), ['build', '--build-dir', build], { env }));
    await run(
      join(MINISTACK_BIN, 'aws'),
      ['s3api', 'create-bucket', '--bucket', BUCKET, '--create-bucket-configuration', `LocationConstraint=${REGION}`],
      { env },
    );
    const template = join(build, 'template.yaml');
    await adaptFile('template.yaml', template, template);
    project.provide('folder', folder);
    project.provide('endpoint', emulator.endpoint);
    project.provide('bucket', BUCKET);
    project.provide('template', template);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
