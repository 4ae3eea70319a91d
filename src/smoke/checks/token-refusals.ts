import { randomUUID } from 'node:crypto';
import type { Check } from '../check.ts';
import { get, skip } from '../check.ts';
import { forge, withChangedClaims } from '../forge.ts';
import { describeRefusal, judge, refusalOf, refused } from '../refusals.ts';
import type { Target } from '../target.ts';

/** What is taken for a token and isn't a good one. */
export function tokenRefusals(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_token');
  const invalid = (name: string, make: () => string) =>
    refused(target, name, 'invalid_token', () => [`Bearer ${make()}`]);
  return [
    invalid('What is no JWT behind Bearer is refused as a token', randomUUID),
    invalid('A token without a signature (alg none) is refused', () => forge('unsigned', target)),
    invalid('A token signed with HMAC (alg HS256) is refused', () => forge('hmac', target)),
    invalid("A token signed with a key that isn't the realm's is refused", () => forge('stranger', target)),
    invalid('A token of another issuer is refused', () => forge('otherIssuer', target)),
    {
      name: 'A good token with changed claims is refused',
      expected: describeRefusal(expected),
      async run(smoke) {
        if (target.token === undefined) return skip('no --token was given');
        return judge(smoke, await get(smoke, `Bearer ${withChangedClaims(target.token)}`), [expected]);
      },
    },
  ];
}
