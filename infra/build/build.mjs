// Builds dist/: the Lambda bundles, the command-line tool, the libraries with their types, and the local programs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { trimAwsSdk } from './trim-aws-sdk.mjs';

/** @type {import('esbuild').BuildOptions} */
const common = { bundle: true, platform: 'node', target: 'node20', format: 'esm', logLevel: 'warning' };

await Promise.all([
  build({
    ...common,
    entryPoints: ['src/handler.ts'],
    outfile: 'dist/authorizer/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
    plugins: [trimAwsSdk()],
  }),
  build({
    ...common,
    entryPoints: ['src/sync-handler.ts'],
    outfile: 'dist/sync/index.mjs',
    minify: true,
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  }),
  build({
    ...common,
    entryPoints: {
      'cli/index': 'src/cli/index.ts',
      'admin/index': 'src/admin/index.ts',
      'caller/index': 'src/caller/index.ts',
      'local/invoke': 'infra/local/invoke.ts',
      'local/event': 'infra/local/event.ts',
      'local/smoke': 'infra/smoke/smoke.ts',
      'local/start': 'infra/local/gateway/start.ts',
      'local/function-worker': 'infra/local/function-worker.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
  }),
]);

const compiler = fileURLToPath(import.meta.resolve('typescript/package.json')).replace(/package\.json$/, 'bin/tsc');
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.lib.json'], { stdio: 'inherit' });
