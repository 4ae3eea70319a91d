import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const FOLDER = '.github/workflows';
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

describe.each(readdirSync(FOLDER))('%s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const workflow: { permissions: object; jobs: Record<string, { permissions?: object; steps: Step[] }> } = parse(text);
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it('runs scripts that are there', () => {
    const used = steps.flatMap(({ run = '' }) => [...run.matchAll(/npm run ([\w:]+)/g)].map(([, script]) => script));
    expect(used.length).toBeGreaterThan(0);
    for (const script of used) expect(scripts).toHaveProperty([script ?? '']);
  });

  it('takes actions of others at one commit each', () => {
    const actions = steps.flatMap(({ uses }) => uses ?? []);
    expect(actions.length).toBeGreaterThan(0);
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  });

  it('holds no stored secret, and has no right that it does not name', () => {
    expect(text).not.toMatch(/secrets\.|NODE_AUTH_TOKEN|NPM_TOKEN/);
    expect(workflow.permissions).toEqual(name === 'release.yml' ? {} : { contents: 'read' });
  });
});

describe('release.yml', () => {
  const { jobs } = parse(readFileSync(join(FOLDER, 'release.yml'), 'utf8'));
  const runsOf = (job: string): string[] => jobs[job].steps.flatMap(({ run }: Step) => run ?? []);

  it('publishes what was tested and built twice, and nothing else', () => {
    expect(runsOf('build').slice(1)).toEqual(['npm cit', 'npm run release']);
    expect(jobs.publish.needs).toBe('build');
    expect(runsOf('publish').slice(0, 2)).toEqual([
      'cd release && sha256sum --check --strict SHA256SUMS',
      'npm publish ./release/*.tgz',
    ]);
  });

  it('lets no job publish in which code of the repository or of a dependency runs', () => {
    expect(jobs.build.permissions).toEqual({ contents: 'read' });
    expect(jobs.publish.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
    const actions = jobs.publish.steps.flatMap(({ uses = '' }: Step) => uses);
    expect(actions.join(' ')).not.toContain('checkout');
    expect(runsOf('publish').join('\n')).not.toMatch(/npm (ci|cit|install|run|test|exec)|npx|node /);
  });
});
