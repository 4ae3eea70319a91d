import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Target } from './target.ts';

/** The files as they are written: path → text. */
export const sourcesTarget: Target = {
  async load() {
    const names = readdirSync('infra/attach', { recursive: true, encoding: 'utf8' });
    const examples = names.filter((name) => /^[^/]+\/[^/]+\.(yaml|ts|tf|sh)$/.test(name));
    const paths = ['template.yaml', ...examples.map((name) => join('infra/attach', name))];
    return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
  },
  async *check(sources) {
    for (const [path, text] of Object.entries(sources)) {
      for (const line of String(text)
        .split('\n')
        .filter((line) => line.includes('arn:aws:'))) {
        yield { assertion: 'partition-not-hard-coded', fault: `${path}: ${line.trim()}` };
      }
    }
  },
};
