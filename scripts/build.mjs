// Builds dist/: each Lambda function to a folder of its own, the libraries with their types to lib/, the programs.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildAuthorizer } from './authorizer-bundle.mjs';
import { buildPage } from './build-page.mjs';
import { trimAwsSdk } from './trim-aws-sdk.mjs';

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };

/**
 * The command-line tool loads the local table and the local parts from files of their own, which are not packed with it.
 * @type {import('esbuild').Plugin}
 */
const localPartsApart = {
  name: 'local-parts-apart',
  setup: ({ onResolve }) =>
    onResolve({ filter: /\/local\/(kept-table|local-parts)\.ts$/ }, ({ path }) => ({
      path: path.replace(/ts$/, 'mjs'),
      external: true,
    })),
};

/** @type {import('esbuild').BuildOptions} */
const program = { ...common, outExtension: { '.js': '.mjs' }, packages: 'external' };

// What an earlier build left would be deployed or packed with the rest.
rmSync('dist', { recursive: true, force: true });

await Promise.all([
  buildAuthorizer({ write: true }),
  build({
    ...common,
    entryPoints: ['src/sync/handler.ts'],
    outfile: 'dist/sync/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  }),
  build({
    ...common,
    entryPoints: ['src/self-service/handler.ts'],
    outfile: 'dist/self-service/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
    plugins: [trimAwsSdk()],
  }),
  build({
    ...common,
    entryPoints: ['src/usage/handler.ts'],
    outfile: 'dist/usage/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
  }),
  build({
    ...common,
    entryPoints: ['src/logout/handler.ts'],
    outfile: 'dist/logout/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
    plugins: [trimAwsSdk()],
  }),
  buildPage('dist/self-service/page'),
  build({
    ...program,
    entryPoints: ['src/cli/index.ts'],
    outdir: 'dist/cli',
    plugins: [localPartsApart],
  }),
  build({
    ...program,
    entryPoints: {
      'lib/admin/index': 'src/accounts/index.ts',
      'lib/sync/index': 'src/sync/index.ts',
      'lib/caller/index': 'src/caller/index.ts',
      'local/kept-table': 'src/local/kept-table.ts',
      'local/local-parts': 'src/local/local-parts.ts',
      'local/invoke': 'src/local/invoke.ts',
      'local/event': 'src/local/event.ts',
      'local/smoke': 'src/smoke/smoke.ts',
      'local/start': 'src/local/gateway/start.ts',
      'local/function-worker': 'src/local/function-worker.ts',
    },
    outdir: 'dist',
  }),
]);

const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.lib.json'], { stdio: 'inherit' });
