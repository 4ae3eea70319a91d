// Runs the README's first command and the unit and scenario tests on the Node versions of Lambda and of the next years,
// in a copy of this checkout: `npm run test:node`. npm has Node itself as packages; they are kept in .cache/.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';

const VERSIONS = ['22.23.3', '24.21.0'];
const COMMANDS = [
  ['npm', 'ci', '--no-audit', '--no-fund'],
  ['npm', 'run', '--silent', 'invoke'],
  ['node', 'node_modules/vitest/vitest.mjs', 'run', 'test/unit', 'test/scenario'],
];
const NOT_COPIED = /^(node_modules|dist|coverage|\.git|\.cache|\.gatepass|\.release|\.aws-sam|\.venv-.*)$/;

for (const version of VERSIONS) {
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), `gatepass-node-${version}-`));
  try {
    cpSync('.', folder, { recursive: true, filter: (path) => !NOT_COPIED.test(basename(path)) });
    const env = { ...process.env, PATH: `${install(version)}${delimiter}${process.env['PATH']}` };
    const found = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
    if (found !== `v${version}`) throw new Error(`Node is ${found} where it should be v${version}`);
    for (const [command = '', ...args] of COMMANDS) {
      const { status } = spawnSync(command, args, { cwd: folder, env, stdio: 'inherit' });
      if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status} on Node ${version}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`ok  Node ${version}, ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

/**
 * Takes its name only once it is whole.
 *
 * @param {string} version
 * @returns {string} the folder of the program
 */
function install(version) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = resolve('.cache/node', version);
  if (!existsSync(folder)) {
    mkdirSync(resolve('.cache/node'), { recursive: true });
    const work = mkdtempSync(resolve('.cache/node/incomplete-'));
    writeFileSync(join(work, 'package.json'), '{ "private": true }');
    const options = ['--prefix', work, '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: 'inherit' });
    renameSync(work, folder);
  }
  return join(folder, 'node_modules', name, 'bin');
}
