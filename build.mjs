// Builds dist/: the Lambda bundle, the command-line tool and the local programs.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  logLevel: 'warning',
};

await rm('dist', { recursive: true, force: true });
await Promise.all([
  build({
    ...common,
    entryPoints: ['src/handler.ts'],
    outfile: 'dist/authorizer/index.mjs',
    target: 'node20',
    minify: true,
    mainFields: ['module', 'main'],
    metafile: true,
  }),
  build({
    ...common,
    entryPoints: {
      'cli/index': 'src/cli/index.ts',
      'local/invoke': 'infra/local/invoke.ts',
      'local/event': 'infra/local/event.ts',
    },
    outdir: 'dist',
    outExtension: { '.js': '.mjs' },
    target: 'node20',
    packages: 'external',
  }),
]);
