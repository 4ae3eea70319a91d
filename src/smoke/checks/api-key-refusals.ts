import type { Check } from '../check.ts';
import { callOf, get, skip } from '../check.ts';
import { forge, unknownKey, withOtherSecret } from '../forge.ts';
import { describeRefusal, judge, refusalOf, refused } from '../refusals.ts';
import type { Target } from '../target.ts';

/** What is taken for a key and isn't a good one. */
export function apiKeyRefusals(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_api_key');
  const invalid = (name: string, ...make: readonly (() => string)[]) =>
    refused(target, name, 'invalid_api_key', () => make.map((one) => one()));
  const unknown = () => unknownKey(target);

  return [
    invalid('An unknown key is refused', unknown),
    invalid('An unknown key behind Bearer is refused as a key', () => `Bearer ${unknown()}`),
    invalid('A malformed key is refused', () => `${target.keyPrefix}_live_not-a-key`),
    invalid('Basic credentials are refused as a key', () => `Basic ${Buffer.from('user:password').toString('base64')}`),
    invalid('A JWT without Bearer is refused as a key', () => target.token ?? forge('stranger', target)),
    invalid('Two different Authorization headers are refused', unknown, unknown),
    {
      name: 'A refusal is the same when it is repeated, and on other routes and methods',
      expected: describeRefusal(expected),
      async run(smoke) {
        const value = unknown();
        await get(smoke, value);
        const again = judge(smoke, await get(smoke, value), [expected]);
        if (again.result === 'fail') return again;
        return judge(smoke, await smoke.client(callOf(target.other, value)), [expected]);
      },
    },
    {
      name: 'A refusal is JSON for a client that asks for HTML too',
      expected: describeRefusal(expected),
      async run(smoke) {
        const headers = [
          ['Authorization', unknown()],
          ['Accept', 'text/html'],
        ] as const;
        return judge(smoke, await smoke.client({ method: 'GET', path: target.path, headers }), [expected]);
      },
    },
    {
      name: 'A key with another secret is refused',
      expected: describeRefusal(expected),
      async run(smoke) {
        const forged = withOtherSecret(target);
        if (target.key === undefined) return skip('no --key was given');
        if (forged === undefined) return skip("the key isn't of the form that Gatepass makes");
        return judge(smoke, await get(smoke, forged), [expected]);
      },
    },
  ];
}

/** To run when the key has just been let through, so that a result is cached for it. */
export function conflictsWithKey(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_api_key');
  const conflict = (name: string, order: (key: string, other: string) => readonly string[]): Check => ({
    name,
    expected: describeRefusal(expected),
    async run(smoke) {
      if (target.key === undefined) return skip('no --key was given');
      return judge(smoke, await get(smoke, ...order(target.key, unknownKey(target))), [expected]);
    },
  });
  return [
    conflict('A good key before another Authorization header is refused', (key, other) => [key, other]),
    conflict('A good key after another Authorization header is refused', (key, other) => [other, key]),
  ];
}
