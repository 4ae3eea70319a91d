// Checks template.yaml and infra/attach without AWS: `npm run check:infra`. The tools install themselves, once.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const PYTHON = resolve('.venv-aws/bin/python');
const REQUIREMENTS = 'infra/check/requirements.txt';
const SAM = resolve('.venv-aws/bin/sam');
const CDK = resolve('.cache/check-infra/attach/cdk');
const ENVIRONMENT = { ...process.env, AWS_DEFAULT_REGION: 'eu-west-1', SAM_CLI_TELEMETRY: '0', CI: 'true' };

/** @type {string[]} */
const failed = [];

await together([
  ['AWS tools for Python', installPythonTools],
  ['CDK packages', installCdkPackages],
]);
stopIfFailed();
await together([
  ['CDK example: types and synthesis', synthesise],
  ['sam validate', () => run(SAM, ['validate'])],
  ['sam validate --lint', () => run(SAM, ['validate', '--lint'])],
  ['sam build', build],
  ...['sam', 'http-api'].map(
    /** @returns {[string, () => Promise<string | void>]} */
    (name) => [`${name} example: sam validate --lint`, () => run(SAM, ['validate', '--lint', '-t', templateOf(name)])],
  ),
]);
stopIfFailed();
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/infra/vitest.config.ts'];
process.exitCode = spawnSync(process.execPath, vitest, { stdio: 'inherit' }).status ?? 1;

/** @param {string} example */
function templateOf(example) {
  return `infra/attach/${example}/template.yaml`;
}

async function installPythonTools() {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  await installOnce('.venv-aws/.installed', requirements, async () => {
    await run('python3', ['-m', 'venv', '.venv-aws']).catch((/** @type {Error} */ { message }) => {
      throw new Error(`needs Python 3.10 or newer as python3, with venv (Debian: python3-venv).\n${message}`);
    });
    const pip = ['-m', 'pip', 'install', '--quiet'];
    await run(PYTHON, [...pip, 'uv==0.13.8']);
    // A few seconds, where pip takes half a minute; but pip goes by the user's own pip.conf.
    await run(PYTHON, ['-m', 'uv', 'pip', 'install', '--quiet', '--python', PYTHON, '-r', REQUIREMENTS]).catch(() =>
      run(PYTHON, [...pip, '--no-compile', '-r', REQUIREMENTS]),
    );
  });
}

/** In a copy: packages below infra/ would be taken for the project's own code by its other checks. */
async function installCdkPackages() {
  mkdirSync(CDK, { recursive: true });
  cpSync('infra/attach/gateway-responses.yaml', join(CDK, '../gateway-responses.yaml'));
  for (const name of readdirSync('infra/attach/cdk').filter((name) => name !== 'node_modules')) {
    cpSync(join('infra/attach/cdk', name), join(CDK, name));
  }
  const lockfile = readFileSync(join(CDK, 'package-lock.json'), 'utf8');
  await installOnce(join(CDK, 'node_modules/.installed'), lockfile, () => run('npm', ['ci', '--silent'], { cwd: CDK }));
}

/**
 * @param {string} stamp a file that tells what was installed last
 * @param {string} wanted
 * @param {() => Promise<string | void>} install
 */
async function installOnce(stamp, wanted, install) {
  const hash = createHash('sha256').update(wanted).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  await install();
  writeFileSync(stamp, hash);
}

async function synthesise() {
  await run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', CDK]);
  const env = { ...ENVIRONMENT, CDK_OUTDIR: join(CDK, 'cdk.out') };
  await run(process.execPath, ['--import', 'tsx', 'app.ts'], { cwd: CDK, env });
}

/** The template has SAM take the bundle as it is, so what it builds must be the bundle. */
async function build() {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-sam-'));
  try {
    if (!existsSync('dist/authorizer/index.mjs')) await run('npm', ['run', '--silent', 'build']);
    await run(SAM, ['build', '--build-dir', folder]);
    const template = readFileSync(join(folder, 'template.yaml'), 'utf8');
    const code = /CodeUri: (\S+)/.exec(template)?.[1] ?? 'nowhere';
    if (!existsSync(join(folder, code, 'index.mjs'))) throw new Error(`sam build left no index.mjs in ${code}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Two at a time, each with its name, what became of it and how long it took.
 *
 * @param {[string, () => Promise<string | void>][]} steps
 */
async function together(steps) {
  const waiting = [...steps];
  async function work() {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const [name, act] = step;
      const started = performance.now();
      const problem = await act().then(
        () => undefined,
        (/** @type {Error} */ error) => error.message,
      );
      if (problem !== undefined) failed.push(`${name}: ${problem}`);
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${problem === undefined ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s\n`);
    }
  }
  await Promise.all([work(), work()]);
}

function stopIfFailed() {
  if (failed.length === 0) return;
  process.stderr.write(`\n${failed.join('\n\n')}\n`);
  process.exit(1);
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<string>} what it printed
 */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: ENVIRONMENT, ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    child.on('error', (error) => reject(new Error(`can't start ${command}: ${error.message}`)));
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`exit status ${code}\n${output}`))));
  });
}
