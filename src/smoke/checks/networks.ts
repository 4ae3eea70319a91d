import { type Check, describeAnswer, fail, get, isAllowed, isRefused, skip } from '../check.ts';
import { describeRefusal, judge, refusalOf } from '../refusals.ts';
import type { Target } from '../target.ts';

export function networkChecks(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_api_key');
  return [
    {
      name: 'A key with allowed networks is let through from them, and refused from any other',
      expected: `2xx from inside, and from outside ${describeRefusal(expected)}`,
      async run(smoke) {
        if (target.networkKeys === undefined) return skip('no --inside-key and --outside-key were given');
        const inside = await get(smoke, target.networkKeys.inside);
        if (!isAllowed(inside)) {
          const found = fail(`${describeAnswer(inside)} from inside its networks`);
          return isRefused(inside) ? { ...found, networks: 'ignored' } : found;
        }
        // Twice: the second is answered from the cache, if there is one.
        await get(smoke, target.networkKeys.outside);
        const outside = await get(smoke, target.networkKeys.outside);
        if (isAllowed(outside)) {
          return { ...fail(`${describeAnswer(outside)} from outside its networks`), networks: 'absent' };
        }
        const { result, found } = judge(smoke, outside, [expected]);
        return {
          result,
          found: `${describeAnswer(inside)} from inside, ${found} from outside`,
          networks: isRefused(outside) ? 'evaluated' : undefined,
        };
      },
    },
  ];
}
