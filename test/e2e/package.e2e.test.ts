import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { importAll, installedGatepass, MODULES, packInto, typecheck } from '../support/consumer.ts';
import { runCommand } from './support/command.ts';
import { cached } from './support/maven.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Fetched for this test alone: together they are heavier than what `npm ci` installs for everything else. */
const LINTERS = ['@arethetypeswrong/cli@0.18.5', 'publint@0.3.25'];
const LINTERS_FOLDER = LINTERS.join('+').replaceAll(/[@/]+/g, '-');

/** What a program may have had for long: its own clients are of other types than ours. */
const OWN_SDK = ['@aws-sdk/client-dynamodb@3.901.0', '@aws-sdk/lib-dynamodb@3.901.0'];

let folder: string;
let tarball: string;

async function npmInstall(where: string, ...packages: readonly string[]): Promise<void> {
  writeFileSync(join(where, 'package.json'), '{ "private": true }');
  const args = ['install', '--prefix', where, '--ignore-scripts', '--no-audit', '--no-fund', ...packages];
  const { exitCode, stderr } = await runCommand('npm', args);
  if (exitCode !== 0) throw new Error(`npm could not install ${packages.join(' and ')}: ${stderr}`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-installed-'));
  tarball = await packInto(folder);
  await npmInstall(folder, tarball);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true }));

describe('the package, installed into an empty folder', () => {
  test('has a command that starts', async () => {
    const { exitCode, stdout } = await runCommand(join(folder, 'node_modules/.bin/gatepass'), ['--help']);
    expect(stdout).toMatch(/^Usage: gatepass /);
    expect(exitCode).toBe(0);
  });

  test('has a command that starts when it is installed globally', async () => {
    const prefix = mkdtempSync(join(tmpdir(), 'gatepass-global-'));
    try {
      await npmInstall(prefix, '--global', tarball);
      const { exitCode, stdout } = await runCommand(join(prefix, 'bin/gatepass'), ['--version']);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
      expect(exitCode).toBe(0);
    } finally {
      rmSync(prefix, { recursive: true });
    }
  });

  test('says that the local table needs a checkout', async () => {
    const { status, out } = await installedGatepass(folder, 'users', 'list', '--local');
    expect(out).toMatch(/^gatepass: --local works in a checkout of Gatepass/);
    expect(status).toBe(2);
  });

  test('has libraries that can be imported', async () => {
    const counts = await importAll(folder);
    for (const name of MODULES) expect(counts[name], name).toBeGreaterThan(0);
  });

  test.each(['nodenext', 'bundler'] as const)('typechecks in a program of moduleResolution %s', async (resolution) => {
    expect(await typecheck(folder, resolution)).toBe('');
  });

  test('typechecks beside another version of the AWS SDK', async () => {
    const own = mkdtempSync(join(tmpdir(), 'gatepass-own-sdk-'));
    try {
      await npmInstall(own, tarball, ...OWN_SDK);
      expect(await typecheck(own, 'nodenext')).toBe('');
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  test('has types that are right and a manifest that is, by the judgement of others', async () => {
    const linters = await cached(LINTERS_FOLDER, (work) => npmInstall(work, ...LINTERS));
    const lint = (name: string, ...args: readonly string[]) =>
      runCommand(join(linters, 'node_modules/.bin', name), args);
    const [types, manifest] = [
      await lint('attw', tarball, '--profile', 'esm-only', '--no-color'),
      await lint('publint', 'run', tarball, '--strict'),
    ];
    expect(types.exitCode, types.stdout).toBe(0);
    expect(manifest.exitCode, manifest.stdout).toBe(0);
  });
});
