// The authorizer's bundle: an entry with what every decision needs, a chunk with the AWS SDK and all that reads the
// table, which the entry loads, and a small one with what both need.
import { build } from 'esbuild';
import { trimAwsSdk } from './trim-aws-sdk.mjs';

const OUTDIR = 'dist/authorizer';

/** Parts of the SDK's client, which isn't in this bundle (docs/adr/0045). */
const OF_THE_CLIENT = ['@aws-sdk/credential-provider-node', '@aws-sdk/middleware-endpoint-discovery'];

/** @param {{ readonly write: boolean }} options `false`: only the metafile is wanted, of what would be written. */
export function buildAuthorizer({ write }) {
  return build({
    bundle: true,
    platform: 'node',
    target: 'node20',
    // Node 20 has \p{…}, if not the scripts that Unicode has added since. esbuild would write each literal as a call of
    // RegExp, which makes the pattern anew each time that it is run.
    supported: { 'regexp-unicode-property-escapes': true },
    format: 'esm',
    logLevel: 'warning',
    entryPoints: { index: 'src/authorizer/handler.ts' },
    outdir: OUTDIR,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    chunkNames: '[name]',
    minify: true,
    mainFields: ['module', 'main'],
    plugins: [trimAwsSdk(OF_THE_CLIENT)],
    metafile: true,
    write,
  });
}

/**
 * The files of the bundle, with what each weighs in bytes, by the package that it comes from; `src` is our own.
 *
 * @param {import('esbuild').Metafile} metafile
 * @returns {Record<string, Record<string, number>>}
 */
export function sizesByPackage({ outputs }) {
  return Object.fromEntries(
    Object.entries(outputs).map(([path, { bytes, inputs }]) => {
      /** @type {Record<string, number>} */
      const packages = {};
      for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
        const name = packageOf(input);
        packages[name] = (packages[name] ?? 0) + bytesInOutput;
      }
      const known = Object.values(packages).reduce((sum, one) => sum + one, 0);
      return [nameOf(path), { ...packages, 'between the parts': bytes - known }];
    }),
  );
}

/**
 * The files that a start waits for before it asks anybody: the entry, and what it imports.
 *
 * @param {import('esbuild').Metafile} metafile
 */
export function filesAtStart({ outputs }) {
  const files = new Set([`${OUTDIR}/index.mjs`]);
  // A set that grows while it is walked: what an import imports is found too.
  for (const file of files) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      if (kind === 'import-statement' && path in outputs) files.add(path);
    }
  }
  return [...files].map(nameOf);
}

/** @param {string} path */
function nameOf(path) {
  return path.slice(`${OUTDIR}/`.length);
}

/** @param {string} input */
function packageOf(input) {
  if (input.startsWith('trim-aws-sdk:')) return 'trim-aws-sdk';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'src';
}
