// Holds the size of the self-service page, whole and compressed as API Gateway does it: `npm run check`.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildPage } from './build-page.mjs';

/** In bytes, of all files together. */
const MOST = { whole: 60_000, compressed: 20_000 };

const folder = mkdtempSync(join(tmpdir(), 'gatepass-page-'));
try {
  await buildPage(folder);
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const sum = (/** @type {readonly Buffer[]} */ all) => all.reduce((total, { length }) => total + length, 0);
  const [whole, compressed] = [sum(files), sum(files.map((file) => gzipSync(file)))];
  process.stdout.write(`page: ${whole} of ${MOST.whole} bytes, compressed ${compressed} of ${MOST.compressed}\n`);
  if (whole > MOST.whole || compressed > MOST.compressed) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
