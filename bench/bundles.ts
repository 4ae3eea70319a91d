import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { trimAwsSdk } from '../scripts/trim-aws-sdk.mjs';

/** The last commit whose authorizer was one file that met its table with the first key. */
const BEFORE = 'ebeed05df80a031ad4140cf635fff176e998b722';

export const PEERS = ['empty', 'aws-jwt-verify', 'jose', 'jsonwebtoken', 'fast-jwt'] as const;

const NODE = { bundle: true, minify: true, platform: 'node', target: 'node20', logLevel: 'error' } as const;

/** The folders of the bundles that are measured, each with a file `index` that exports `handler`. */
export interface Bundles {
  readonly ours: string;
  /** The same as it was at an earlier commit; absent in a checkout without history. */
  readonly before: string | undefined;
  /** The program that measures decisions, with our parts in it. */
  readonly warmProcess: string;
  readonly peers: Readonly<Record<(typeof PEERS)[number], string>>;
}

/** @param packages where the packages of the measurements are installed. */
export async function buildBundles(work: string, packages: string): Promise<Bundles> {
  const ours = join(work, 'ours');
  cpSync('dist/authorizer', ours, { recursive: true });
  const [warmProcess, before, peers] = await Promise.all([
    buildWarmProcess(work),
    buildBefore(),
    Promise.all(PEERS.map((name) => buildPeer(name, work, packages))),
  ]);
  return { ours, before, warmProcess, peers: Object.fromEntries(peers) as Bundles['peers'] };
}

async function buildWarmProcess(work: string): Promise<string> {
  const outfile = join(work, 'warm-process.mjs');
  await build({
    ...NODE,
    format: 'esm',
    entryPoints: ['bench/warm-process.ts'],
    outfile,
    mainFields: ['module', 'main'],
    plugins: [trimAwsSdk()],
  });
  return outfile;
}

/** As SAM's esbuild does it by default, minified. */
async function buildPeer(name: string, work: string, packages: string): Promise<[string, string]> {
  const folder = join(work, name);
  await build({
    ...NODE,
    format: 'cjs',
    entryPoints: [`bench/peers/${name}.mjs`],
    outfile: join(folder, 'index.js'),
    nodePaths: [join(packages, 'node_modules')],
  });
  return [name, folder];
}

async function buildBefore(): Promise<string | undefined> {
  const folder = resolve('.cache/bench', `before-${BEFORE.slice(0, 12)}`);
  if (existsSync(folder)) return folder;
  const source = `${folder}.source`;
  rmSync(source, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  try {
    const archive = execFileSync('git', ['archive', BEFORE, 'src', 'scripts', 'package.json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    });
    execFileSync('tar', ['x', '-C', source], { input: archive });
  } catch {
    return undefined;
  }
  symlinkSync(resolve('node_modules'), join(source, 'node_modules'));
  const scripts = pathToFileURL(join(source, 'scripts/trim-aws-sdk.mjs')).href;
  const { trimAwsSdk: trimAsThen } = (await import(scripts)) as { trimAwsSdk: typeof trimAwsSdk };
  await buildAuthorizer(source, folder, [trimAsThen()]);
  return folder;
}

async function buildAuthorizer(source: string, folder: string, plugins: Plugin[]): Promise<void> {
  await build({
    ...NODE,
    format: 'esm',
    entryPoints: { index: join(source, 'src/authorizer/handler.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: '[name]',
    mainFields: ['module', 'main'],
    plugins,
  });
}

/** The file of a bundle, to import. */
export function entryOf(folder: string): string {
  const entry = ['index.mjs', 'index.js'].map((file) => join(folder, file)).find((file) => existsSync(file));
  if (entry === undefined) throw new Error(`${dirname(folder)} has no bundle.`);
  return pathToFileURL(entry).href;
}
