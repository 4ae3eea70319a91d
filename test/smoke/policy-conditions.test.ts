import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf } from '../../src/bearer/claims.ts';
import { partsOf } from '../../src/smoke/forge.ts';
import { createMovedClock } from '../support/moved-clock.ts';
import { changed, type Result, withStatements } from './support/changed-results.ts';
import { type LocalStages, type StageOptions, startLocalStages } from './support/local-stage.ts';
import { conditionsOf, namesOf, type SmokeRun, smokeBy } from './support/smoke.ts';

let stages: LocalStages;

beforeAll(async () => {
  stages = await startLocalStages();
});

afterAll(() => stages.stop());

/** Runs all that tells of conditions, against a stage of its own. */
async function run(
  { clock = createMovedClock(Date.now()), ...options }: Partial<StageOptions>,
  ...args: readonly string[]
): Promise<SmokeRun> {
  const url = await stages.start({ ttl: 60, clock, ...options });
  return smokeBy(clock, '--url', url, '--json', ...args);
}

async function networks(): Promise<readonly string[]> {
  const { inside, outside } = await stages.networkKeys();
  return ['--inside-key', inside, '--outside-key', outside];
}

async function expiring(): Promise<readonly string[]> {
  return ['--expiring-token', await stages.tokenEndingIn(100)];
}

/** The statements stand, and their conditions don't: an emulator that hasn't heard of them. */
const ignoringConditions = (result: Result) => withStatements(result, () => ({ Condition: {} }));

/** Nothing with a condition denies; an Allow holds whatever its condition says. */
const withoutConditionalDenies = (result: Result) => withStatements(keepAllows(result), () => ({ Condition: {} }));

function keepAllows(result: Result): Result {
  const { policyDocument } = result;
  const isRefusal = policyDocument.Statement.some((one) => one.Effect === 'Deny' && one.Condition === undefined);
  if (isRefusal) return result;
  const Statement = policyDocument.Statement.filter(({ Effect }) => Effect === 'Allow');
  return { ...result, policyDocument: { ...policyDocument, Statement } };
}

function denying(result: Result): Result {
  return withStatements(result, () => ({ Effect: 'Deny', Condition: {} }));
}

describe('what a stage does with conditions in policies, and what to set', () => {
  it.each<[what: string, invoke: StageOptions['invoke'], args: () => Promise<readonly string[]>, found: object]>([
    ['judges by them: on', undefined, expiring, { dated: 'evaluated', networks: 'unknown', set: 'on' }],
    ['judges networks by them: on', undefined, networks, { dated: 'unknown', networks: 'evaluated', set: 'on' }],
    [
      'denies whatever they say, seen by a good token: off',
      changed(ignoringConditions),
      async () => ['--token', stages.token],
      { dated: 'ignored', networks: 'unknown', set: 'off' },
    ],
    [
      'denies whatever they say, seen by one that ends: off',
      changed(ignoringConditions),
      expiring,
      { dated: 'ignored', networks: 'unknown', set: 'off' },
    ],
    [
      'denies whatever they say, seen by a key with networks: off',
      changed(ignoringConditions),
      networks,
      { dated: 'unknown', networks: 'ignored', set: 'off' },
    ],
    [
      'passes over Denies with networks: off, for then such keys are refused',
      changed(withoutConditionalDenies),
      async () => [...(await networks()), ...(await expiring())],
      { dated: 'absent', networks: 'absent', set: 'off' },
    ],
    [
      'passes over Denies with a date, or gets none: not known',
      changed(withoutConditionalDenies),
      expiring,
      { dated: 'absent', networks: 'unknown', why: expect.stringContaining('If it is off') },
    ],
    [
      'faults: not known',
      () => async () => ({ error: { name: 'Error', message: 'down' }, log: [], durationMs: 0 }),
      async () => ['--token', stages.token, ...(await networks()), ...(await expiring())],
      { dated: 'unknown', networks: 'unknown' },
    ],
  ])('%s', async (_, invoke, args, found) => {
    const result = await run(invoke === undefined ? {} : { invoke }, ...(await args()));
    expect(conditionsOf(result)).toEqual({ why: expect.anything(), ...found });
  });

  it('is not known without the credentials that show it, and the run says which those are', async () => {
    const result = await run({}, '--key', stages.key, '--token', stages.token);
    expect(conditionsOf(result)).toEqual({
      dated: 'unknown',
      networks: 'unknown',
      why: expect.stringContaining('--expiring-token'),
    });
  });

  it('is not known by an end where nothing is cached so long, for there the function refuses', async () => {
    for (const [ttl, said] of [
      [0, '60'],
      [60, '2'],
    ] as const) {
      const result = await run({ ttl }, ...(await expiring()), '--ttl', said);
      expect(conditionsOf(result)).toMatchObject({ dated: 'unknown' });
    }
    const kept = await run({ ttl: 3 }, ...(await expiring()), '--ttl', '3');
    expect(conditionsOf(kept)).toMatchObject({ dated: 'evaluated' });
  });

  it('is found by a result that is cached at the end, even where one of before would just have run out', async () => {
    const token = await stages.tokenEndingIn(61);
    const end = endOf(Number(partsOf(token).claims['exp'])) * 1000;
    const clock = createMovedClock(end - 60_500);
    // The function's own refusal, which the end would have brought by itself.
    const invoke = changed((result) => (clock.now() < end ? withoutConditionalDenies(result) : denying(result)));
    const result = await run({ clock, invoke }, '--expiring-token', token);
    expect(conditionsOf(result)).toMatchObject({ dated: 'absent' });
    expect(namesOf(result, 'fail')).toEqual([expect.stringContaining('until its end')]);
  });
});

it('fails a key that works from outside its networks, and one that does not from inside', async () => {
  for (const change of [withoutConditionalDenies, ignoringConditions]) {
    const result = await run({ invoke: changed(change) }, ...(await networks()));
    expect(namesOf(result, 'fail')).toEqual([expect.stringContaining('allowed networks')]);
  }
});

it('says in one line what to set', async () => {
  const clock = createMovedClock(Date.now());
  const { out } = await smokeBy(clock, '--url', await stages.start({ ttl: 60, clock }), ...(await expiring()));
  expect(out).toContain(
    'Conditions in policies: dated evaluated, networks unknown. Set GATEPASS_POLICY_CONDITIONS=on: each request',
  );
});
