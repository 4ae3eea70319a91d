import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const MANIFEST: {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** What a program imports from the package, as `gatepass/admin`. */
export const MODULES = Object.keys(MANIFEST.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', 'gatepass'));

/** Packs what was built, as it would be published. @returns the tarball's path */
export async function packInto(folder: string): Promise<string> {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = await run('npm', args, {
    cwd: ROOT,
    env: { ...process.env, npm_config_update_notifier: 'false' },
  });
  const [{ filename }] = JSON.parse(stdout);
  return join(folder, filename);
}

/** Puts the package into a folder as an installation does, with links to the production dependencies of this checkout. */
export async function unpackBesideDependencies(tarball: string, folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'gatepass'), { recursive: true });
  await run('tar', ['-xzf', tarball, '-C', join(modules, 'gatepass'), '--strip-components=1']);
  // Beside them the types of events, which a program of a Lambda function has.
  for (const name of [...Object.keys(MANIFEST.dependencies), '@types/aws-lambda']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
}

interface Outcome {
  readonly status: number | string | null;
  readonly out: string;
}

/** Runs a program in a folder whose environment has nothing of this machine's. */
function runIn(folder: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env: { HOME: folder } }, (error, out, err) => {
      resolve({ status: error === null ? 0 : (error.code ?? error.signal ?? null), out: out + err });
    });
  });
}

/** Runs the installed command-line tool. */
export function installedGatepass(folder: string, ...args: readonly string[]): Promise<Outcome> {
  return runIn(folder, ['node_modules/gatepass/dist/cli/index.mjs', ...args]);
}

type Counts = Readonly<Record<string, number>>;

/** How many names each module of the package exports. */
export function importAll(folder: string): Promise<Counts> {
  return countExports(folder, 'module', 'await import(name)');
}

/** The same in a CommonJS program, which has `require`. */
export function requireAll(folder: string): Promise<Counts> {
  return countExports(folder, 'commonjs', 'require(name)');
}

async function countExports(folder: string, type: 'module' | 'commonjs', load: string): Promise<Counts> {
  const program = `
    const counts = {};
    for (const name of ${JSON.stringify(MODULES)}) counts[name] = Object.keys(${load}).length;
    console.log(JSON.stringify(counts));`;
  // Node 20 says of each required ES module that this is new.
  const { out } = await runIn(folder, ['--no-warnings', `--input-type=${type}`, '--eval', program]);
  return JSON.parse(out);
}

const PROGRAM = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createKey, openAdmin } from 'gatepass/admin';
import { getCaller } from 'gatepass/caller';
${MODULES.map((name, index) => `export * as module${index} from '${name}';`).join('\n')}

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const admin = openAdmin({ table: { client, name: 'gatepass' } });
const newKey = { userId: 'user-42', name: 'CI' };
export const made: Promise<{ readonly key: string }> = createKey(admin, newKey);
export const userId: string | undefined = getCaller({})?.userId;
// @ts-expect-error: a key must have a name
export const nameless = createKey(admin, { userId: 'user-42' });
`;

interface Program {
  readonly type?: 'module' | 'commonjs';
  /** By their names; all are compiled. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Typechecks a program that uses the package, the package's own declarations too. @returns what the compiler says */
export async function typecheck(
  folder: string,
  resolution: 'nodenext' | 'bundler',
  { type = 'module', files = { 'program.ts': PROGRAM } }: Program = {},
): Promise<string> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { out } = await runIn(folder, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    ...['--noEmit', '--strict', '--skipLibCheck', 'false', '--target', 'es2023', '--allowImportingTsExtensions'],
    ...['--module', resolution === 'bundler' ? 'esnext' : 'nodenext', '--moduleResolution', resolution],
    ...['--types', 'node', '--typeRoots', join(ROOT, 'node_modules/@types'), ...Object.keys(files)],
  ]);
  return out;
}
