// Holds the parts and the size of the authorizer's bundle, because a cold start reads all of it: `npm run check`.
// `node scripts/bundle-sizes.mjs --record` takes what is built now as what later ones are compared with.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildAuthorizer, filesAtStart, sizesByPackage } from './authorizer-bundle.mjs';
import { findProblems, totalsOf } from './bundle-account.mjs';

/** In bytes: of the files that every start waits for, and of all. */
const MOST = { start: 32_000, all: 110_000 };
const RECORD = 'scripts/bundle-sizes.json';

const { metafile } = await buildAuthorizer({ write: false });
const sizes = sizesByPackage(metafile);
const atStart = filesAtStart(metafile);
if (process.argv.includes('--record')) writeFileSync(RECORD, `${JSON.stringify(sizes, null, 2)}\n`);

const problems = findProblems(sizes, JSON.parse(readFileSync(RECORD, 'utf8')), atStart, MOST);
for (const problem of problems) process.stderr.write(`${problem}\n`);
const { start, all } = totalsOf(sizes, atStart);
process.stdout.write(
  `bundle: a start waits for ${start} of ${MOST.start} bytes, all files have ${all} of ${MOST.all}\n`,
);
if (problems.length > 0) process.exitCode = 1;
