import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovedClock } from '../support/moved-clock.ts';
import { type LocalStages, startLocalStages } from './support/local-stage.ts';
import { conditionsOf, expectNoPartOf, namesOf, smoke, smokeBy } from './support/smoke.ts';

const FAULT = 'A fault is answered with 503, and never lets through or refuses';

let stages: LocalStages;

beforeAll(async () => {
  stages = await startLocalStages();
});

afterAll(() => stages.stop());

describe.each([
  { kind: 'rest', mode: 'cached', ttl: 60 },
  { kind: 'rest', mode: 'uncached', ttl: 0 },
  { kind: 'http', mode: 'cached', ttl: 60 },
  { kind: 'http', mode: 'uncached', ttl: 0 },
] as const)('a $kind API, $mode', ({ kind, mode, ttl }) => {
  it('keeps the contract, a token that ends and a key that is revoked among it', async () => {
    const clock = createMovedClock(Date.now());
    const url = await stages.start({ kind, ttl, clock });
    const { key, token } = stages;
    const { key: revocable, command } = await stages.revocable();
    const expiring = await stages.tokenEndingIn(100);
    const { inside, outside } = await stages.networkKeys();

    const run = await smokeBy(
      clock,
      ...['--url', url, '--expect', kind, '--mode', mode, '--ttl', String(ttl), '--json'],
      ...['--key', key, '--token', `Bearer ${token}`, '--expiring-token', expiring],
      ...['--revocable-key', revocable, '--revoke', command, '--inside-key', inside, '--outside-key', outside],
    );

    expect(namesOf(run, 'fail')).toEqual([]);
    expect(namesOf(run, 'skipped')).toEqual([FAULT]);
    expect(run).toMatchObject({ status: 0, err: '' });
    expectNoPartOf([key, token, expiring, revocable, inside, outside], run.everything);
    expect(conditionsOf(run)).toMatchObject({
      dated: mode === 'cached' ? 'evaluated' : 'unknown', // uncached, the function itself refuses
      networks: 'evaluated',
      set: 'on',
    });
  });
});

describe('a stage that caches results for a minute', () => {
  it('refuses a token from its end on', async () => {
    const clock = createMovedClock(Date.now());
    const url = await stages.start({ ttl: 60, clock });
    const run = await smokeBy(clock, '--url', url, '--expiring-token', await stages.tokenEndingIn(100));
    expect(run.out).toMatch(
      /^pass +\d+ +A token is let through until its end .* 2xx, then 401 invalid_token, 0\.0 s after its end$/m,
    );
    expect(run.status).toBe(0);
  });

  it('is told from one that caches none by an empty header, unless the mode is named', async () => {
    const [cached, uncached] = [await stages.start({ ttl: 60 }), await stages.start({ ttl: 0 })];
    expect((await smoke('--url', cached)).out).toMatch(/an empty Authorization header .*401 missing_authorization$/m);
    expect((await smoke('--url', uncached)).out).toMatch(/an empty Authorization header .*401 missing_api_key$/m);

    const name = 'A request with an empty Authorization header is refused';
    expect(namesOf(await smoke('--url', cached, '--mode', 'uncached', '--json'), 'fail')).toEqual([name]);
    expect(namesOf(await smoke('--url', uncached, '--mode', 'cached', '--json'), 'fail')).toEqual([name]);
  });
});

it('skips what it has no credentials for, and says so', async () => {
  const run = await smoke('--url', await stages.start({ ttl: 60 }));
  expect(run.out).toMatch(/^skipped +0 +A good key is let through +no --key was given$/m);
  expect(run.out).toMatch(/^skipped +0 +A good token is let through +no --token was given$/m);
  expect(run.out).toMatch(/: \d+ passed, 0 failed, \d+ skipped$/);
  expect(run.status).toBe(0);
});

it('does not wait for a token longer than it was told to', async () => {
  const url = await stages.start({ ttl: 60 });
  const run = await smoke('--url', url, '--expiring-token', stages.token, '--max-wait', '1');
  expect(run.out).toMatch(/^skipped .* more than --max-wait$/m);
});

it('fails a revocation whose command fails', async () => {
  const url = await stages.start({ ttl: 1 });
  const run = await smoke('--url', url, '--revocable-key', stages.key, '--revoke', 'echo not allowed >&2; exit 3');
  expect(run.out).toContain('found     the --revoke command ended with status 3: not allowed');
  expect(run.status).toBe(1);
});

it('leaves out what only browsers need, with --no-cors', async () => {
  const url = await stages.start({
    ttl: 60,
    api: (api) => ({ ...api, routes: api.routes.filter(({ method }) => method !== 'OPTIONS') }),
  });
  const preflights = ['whoami', 'other'].map((name) => `A preflight of /api/v1/${name} passes without credentials`);
  expect(namesOf(await smoke('--url', url, '--json'), 'fail')).toEqual(preflights);
  expect(namesOf(await smoke('--url', url, '--no-cors', '--json'), 'fail')).toEqual([]);
});
