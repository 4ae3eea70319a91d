// Checks template.yaml and infra/attach without AWS: `npm run check:infra`. The tools install themselves, once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installCdkPackages, synthesise } from './cdk.mjs';
import { installPythonTools, run } from './install.mjs';

const SAM = resolve('.venv-aws/bin/sam');
Object.assign(process.env, { AWS_DEFAULT_REGION: 'eu-west-1', SAM_CLI_TELEMETRY: '0', CI: 'true' });

/** @type {string[]} */
const failed = [];

await together([
  ['AWS tools for Python', () => installPythonTools('.venv-aws', 'infra/check/requirements.txt')],
  ['CDK packages', installCdkPackages],
]);
stopIfFailed();
await together([
  ['CDK example: types and synthesis', synthesise],
  ['sam validate', () => run(SAM, ['validate'])],
  ['sam validate --lint', () => run(SAM, ['validate', '--lint'])],
  ['sam build', build],
  ...['sam', 'http-api', 'usage'].map(
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

/** The template has SAM take the bundle as it is, so what it builds must be the bundle. */
async function build() {
  const folder = mkdtempSync(join(tmpdir(), 'gatepass-sam-'));
  try {
    if (!existsSync('dist/authorizer/index.mjs')) await run('npm', ['run', '--silent', 'build']);
    await run(SAM, ['build', '--build-dir', folder]);
    const template = readFileSync(join(folder, 'template.yaml'), 'utf8');
    const code = /CodeUri: (\S+)/.exec(template)?.[1] ?? 'nowhere';
    const files = existsSync(join(folder, code)) ? readdirSync(join(folder, code)) : [];
    const missing = readdirSync('dist/authorizer').filter((file) => !files.includes(file));
    if (missing.length > 0) throw new Error(`sam build left no ${missing.join(', ')} in ${code}`);
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
