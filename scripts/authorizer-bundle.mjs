// The authorizer's bundle: an entry that every decision needs, and a chunk with the AWS SDK, which the entry loads.
import { build } from 'esbuild';
import { trimAwsSdk } from './trim-aws-sdk.mjs';

const OUTDIR = 'dist/authorizer';

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
    plugins: [trimAwsSdk()],
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
      return [path.slice(`${OUTDIR}/`.length), { ...packages, 'between the parts': bytes - known }];
    }),
  );
}

/** @param {string} input */
function packageOf(input) {
  if (input.startsWith('trim-aws-sdk:')) return 'trim-aws-sdk';
  return /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'src';
}
