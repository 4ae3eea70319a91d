// The CDK example, compiled and synthesised in a copy: packages below infra/ would be taken for the project's own code.
import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installOnce, run } from './install.mjs';

const FOLDER = resolve('.cache/check-infra/attach/cdk');

/** What `synthesise` writes. */
export const CDK_TEMPLATE = join(FOLDER, 'cdk.out/my-api.template.json');

export async function installCdkPackages() {
  mkdirSync(FOLDER, { recursive: true });
  cpSync('infra/attach/gateway-responses.yaml', join(FOLDER, '../gateway-responses.yaml'));
  for (const name of readdirSync('infra/attach/cdk').filter((name) => !/^(node_modules|cdk\.out)$/.test(name))) {
    cpSync(join('infra/attach/cdk', name), join(FOLDER, name));
  }
  const lockfile = readFileSync(join(FOLDER, 'package-lock.json'), 'utf8');
  const stamp = join(FOLDER, 'node_modules/.installed');
  await installOnce(stamp, lockfile, () => run('npm', ['ci', '--silent'], { cwd: FOLDER }));
}

export async function synthesise() {
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', FOLDER]);
  const env = { ...process.env, CDK_OUTDIR: join(FOLDER, 'cdk.out') };
  await run(process.execPath, ['--import', 'tsx', 'app.ts'], { cwd: FOLDER, env });
}
