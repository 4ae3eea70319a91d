// Makes what a release publishes, in .release/: `npm run release`. With --rehearse it goes on where a release would be
// refused (no address yet, no day in the changelog), says so, and publishes nothing either.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { billOfMaterials } from './bill-of-materials.mjs';
import { packTwice } from './build-twice.mjs';
import { disagreements, readPublished, refusals } from './publishable.mjs';

const TARGET = '.release';
const { values } = parseArgs({ options: { rehearse: { type: 'boolean', default: false } } });

try {
  const published = readPublished();
  const { version } = published.manifest;
  const open = step('what is published agrees', () => {
    const problems = values.rehearse ? disagreements(published) : refusals(published);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return refusals(published);
  });
  rmSync(TARGET, { recursive: true, force: true });
  mkdirSync(TARGET);
  const tarball = step('two builds in two folders are equal', () => packTwice(TARGET));
  const bill = step('bill of materials', () => {
    const path = join(TARGET, `gatepass-${version}.cdx.json`);
    writeFileSync(path, `${JSON.stringify(billOfMaterials(), null, 2)}\n`);
    return path;
  });
  step('checksums', () => {
    const lines = [tarball, bill].map((path) => {
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex');
      return `${hash}  ${basename(path)}\n`;
    });
    writeFileSync(join(TARGET, 'SHA256SUMS'), lines.join(''));
    process.stdout.write(lines.join(''));
  });
  for (const one of open) process.stdout.write(`a release would be refused: ${one}\n`);
  process.stdout.write(`${TARGET}/ has what ${values.rehearse ? 'would be' : 'is to be'} published as ${version}\n`);
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/**
 * @template T
 * @param {string} name
 * @param {() => T} act
 */
function step(name, act) {
  const started = performance.now();
  const result = act();
  process.stdout.write(`ok  ${name}, ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
  return result;
}
