import type { Check } from '../check.ts';
import { callOf } from '../check.ts';
import { unknownKey } from '../forge.ts';
import { describeRefusal, judge, refusalOf, refusalWithoutAsking, refused } from '../refusals.ts';
import type { Target } from '../target.ts';

/** Requests without credentials. Who answers those depends on whether results are cached. */
export function missingChecks(target: Target): readonly Check[] {
  const unasked = refusalWithoutAsking(target);
  const missing = { cached: unasked, uncached: refusalOf(target, 'missing_authorization') };
  const empty = { cached: unasked, uncached: refusalOf(target, 'missing_api_key') };
  return [
    withoutCredentials('A request without an Authorization header is refused', missing, []),
    withoutCredentials('A request with an empty Authorization header is refused', empty, [['Authorization', '']]),
    refused(target, 'The scheme Bearer alone is refused as a missing key', 'missing_api_key', () => ['Bearer']),
    withoutCredentials('X-Api-Key is not read as credentials', missing, [['X-Api-Key', unknownKey(target)]]),
    {
      name: 'A missing header is refused on other routes and methods too',
      expected: describeAll(expectedIn(missing)),
      run: async (smoke) => judge(smoke, await smoke.client(callOf(target.other)), expectedIn(missing)),
    },
  ];

  function withoutCredentials(name: string, refusals: ByMode, headers: readonly [string, string][]): Check {
    const expected = expectedIn(refusals);
    return {
      name,
      expected: describeAll(expected),
      run: async (smoke) => judge(smoke, await smoke.client({ method: 'GET', path: target.path, headers }), expected),
    };
  }

  function expectedIn({ cached, uncached }: ByMode): readonly Refusal[] {
    if (target.mode === 'auto') return [cached, uncached];
    return [target.mode === 'cached' ? cached : uncached];
  }
}

type Refusal = ReturnType<typeof refusalOf>;

interface ByMode {
  readonly cached: Refusal;
  readonly uncached: Refusal;
}

/** Both modes may expect the same. */
function describeAll(refusals: readonly Refusal[]): string {
  return [...new Set(refusals.map(describeRefusal))].join(' or ');
}
