import { beforeAll, describe, expect, it } from 'vitest';
import { createMovedClock } from '../support/moved-clock.ts';
import { fc } from '../support/properties.ts';
import { createRealm } from '../support/realm.ts';
import { type Cast, createCast } from './support/cast.ts';
import { garbageSequences, type Step, sequences } from './support/sequences.ts';
import { LET_THROUGH, type Observation, play, type World } from './support/world.ts';

// API Gateway keeps a result and judges later requests by it, whatever their route, method, address and moment:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
// So whatever a result is used for, the outcome must be that of a call made anew. These properties say so of any
// sequence of requests, with the table's changes and the time between them.

const RUNS = 400;
const startMs = createMovedClock().now();
const realm = createRealm(createMovedClock());
let cast: Cast;

beforeAll(async () => {
  cast = await createCast(realm, startMs);
});

/** Checks every observation of many sequences, with the authorizer on `OPTIONS` and without, and hands them all back. */
async function check(
  world: Omit<World, 'hasProtectedOptions'>,
  holds: (observation: Observation) => boolean,
): Promise<readonly Observation[]> {
  const all: Observation[] = [];
  const property = fc.asyncProperty(sequences, fc.boolean(), async (steps: readonly Step[], hasProtectedOptions) => {
    const observations = await play({ ...world, hasProtectedOptions }, steps, { cast, realm, startMs });
    all.push(...observations);
    expect(observations.filter((observation) => !holds(observation))).toEqual([]);
  });
  await fc.assert(property, { numRuns: RUNS });
  return all;
}

const isAllowed = ({ got }: Observation) => got.startsWith('allowed');
const isCached = ({ source }: Observation) => source === 'cached';

/** An Allow is one that a call at this moment would give, by the table of now or of the TTL before. */
function allowsOnlyWhatAFreshCallWould(observation: Observation): boolean {
  const { got, fresh, freshByTablesOfTheTtl } = observation;
  return !isAllowed(observation) || got === fresh || freshByTablesOfTheTtl.includes(got);
}

/**
 * A refusal is one that a call at this moment would give, or would have given within the TTL before.
 *
 * One exception, which opens nothing: an `OPTIONS` request with a credential that has ended is refused as long as its
 * Allow is kept, and let through as nobody's by a fresh call. (No browser sends credentials with a preflight.)
 */
function refusesOnlyWhatAFreshCallWould(observation: Observation): boolean {
  const { got, fresh, freshByTablesOfTheTtl, earlier, step } = observation;
  const isOptionsOfNobody = step.method === 'OPTIONS' && [fresh, ...freshByTablesOfTheTtl].includes(LET_THROUGH);
  return isAllowed(observation) || isOptionsOfNobody || [fresh, ...freshByTablesOfTheTtl, ...earlier].includes(got);
}

/** A fault is of this moment: none is kept. */
function faultsOnlyNow({ got, fresh }: Observation): boolean {
  return got !== 'fault' || fresh === 'fault';
}

/** Whether the sequences came to what the property is about: without these it would hold of anything. */
function expectToHaveSeen(all: readonly Observation[]): void {
  const cached = all.filter(isCached);
  expect(cached.filter(isAllowed).length).toBeGreaterThan(RUNS);
  expect(cached.filter(({ got }) => got.startsWith('refused')).length).toBeGreaterThan(RUNS);
  const credentials = cached.filter(isAllowed).map(({ step }) => step.credential);
  const refused = new Set(cached.filter((one) => !isAllowed(one)).map(({ step }) => step.credential));
  for (const ending of ['expiring key', 'ending token', 'replaced secret', 'key with networks'] as const) {
    expect(credentials).toContain(ending);
    expect(refused).toContain(ending);
  }
}

describe('with decisions kept for 60 s', () => {
  const world = { ttl: 60, isAllowedByResourcePolicy: false };

  it('(i) an Allow out of the cache is one that a fresh call would give, revocations within the TTL aside', async () => {
    expectToHaveSeen(await check(world, allowsOnlyWhatAFreshCallWould));
  });

  it('(ii) nothing is refused that a fresh call would allow, unless put right within the TTL', async () => {
    expectToHaveSeen(await check(world, (one) => refusesOnlyWhatAFreshCallWould(one) && faultsOnlyNow(one)));
  });

  it('(iii) both hold beside a resource policy that allows everything', async () => {
    expectToHaveSeen(
      await check(
        { ...world, isAllowedByResourcePolicy: true },
        (one) => allowsOnlyWhatAFreshCallWould(one) && refusesOnlyWhatAFreshCallWould(one) && faultsOnlyNow(one),
      ),
    );
  });
});

describe('with decisions kept for 60 s, and no conditions in policies', () => {
  it('(vi) an Allow or a refusal is one that a call of now or of the TTL before gave', async () => {
    const world = { ttl: 60, isAllowedByResourcePolicy: false, conditions: 'off' } as const;
    const all = await check(world, ({ got, fresh, freshByTablesOfTheTtl, earlier }) =>
      [fresh, ...freshByTablesOfTheTtl, ...earlier].includes(got),
    );
    const outlived = all.filter((one) => isCached(one) && isAllowed(one) && one.got !== one.fresh);
    expect(outlived.map(({ step }) => step.credential)).toContain('ending token');
  });
});

describe.each([false, true])(
  'with nothing kept, and a resource policy that allows everything: %s',
  (isAllowedByResourcePolicy) => {
    it('(v) every answer is that of a fresh call', async () => {
      const all = await check({ ttl: 0, isAllowedByResourcePolicy }, ({ got, fresh }) => got === fresh);
      expect(all.filter(isCached)).toEqual([]);
      expect(all.filter(isAllowed).length).toBeGreaterThan(RUNS);
    });
  },
);

describe.each([
  { ttl: 60, isAllowedByResourcePolicy: false },
  { ttl: 60, isAllowedByResourcePolicy: true },
  { ttl: 0, isAllowedByResourcePolicy: true },
])('with a garbage value, and %o', (world) => {
  it('(iv) OPTIONS opens nothing, where the authorizer is on it and where it is not', async () => {
    let asked = 0;
    const property = fc.asyncProperty(garbageSequences, fc.boolean(), async ([value, steps], hasProtectedOptions) => {
      const withGarbage = { ...cast, credentials: { ...cast.credentials, garbage: [value] } };
      const observations = await play({ ...world, hasProtectedOptions }, steps, { cast: withGarbage, realm, startMs });
      for (const { step, got } of observations) {
        if (step.method !== 'OPTIONS') expect(got).toMatch(/^(refused: |no route$)/);
        else if (!step.path.includes('/v2/')) expect([value, got]).toEqual([value, LET_THROUGH]);
      }
      asked += observations.filter(({ got }) => got.startsWith('refused')).length;
    });
    await fc.assert(property, { numRuns: RUNS });
    expect(asked).toBeGreaterThan(RUNS * 5);
  });
});
