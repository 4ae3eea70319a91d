import { type Check, describeAnswer, fail, findingOf, get, isAllowed, skip } from '../check.ts';
import type { Answer } from '../client.ts';
import { unknownKey } from '../forge.ts';
import { describeRefusal, judge, listOf, refusalOf } from '../refusals.ts';
import type { Target } from '../target.ts';

/** What a browser asks before it sends credentials to another origin (Fetch, section 4.8). */
const PREFLIGHT = [
  ['Origin', 'https://smoke.gatepass.invalid'],
  ['Access-Control-Request-Method', 'GET'],
  ['Access-Control-Request-Headers', 'authorization'],
] as const;

export function preflightChecks(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_api_key');
  return [
    ...[target.path, target.other.path].map((path) =>
      preflight(`A preflight of ${path} passes without credentials`, path),
    ),
    {
      name: 'OPTIONS with bad credentials opens nothing: a GET with the same is refused',
      expected: describeRefusal(expected),
      async run(smoke) {
        const value = unknownKey(target);
        const headers = [...PREFLIGHT, ['Authorization', value]] as const;
        await smoke.client({ method: 'OPTIONS', path: target.path, headers });
        return judge(smoke, await get(smoke, value), [expected]);
      },
    },
  ];
}

function preflight(name: string, path: string): Check {
  return {
    name,
    expected: '2xx with Access-Control-Allow-Origin, -Methods with GET, -Headers with Authorization',
    async run({ client, target }) {
      if (!target.hasCors) return skip('--no-cors');
      const answer = await client({ method: 'OPTIONS', path, headers: PREFLIGHT });
      return isAllowed(answer) ? findingOf(answer, missingIn(answer)) : fail(describeAnswer(answer));
    },
  };
}

/** `*` stands for all methods, but among headers not for `Authorization` (Fetch, section 3.3.3). */
function missingIn({ header }: Answer): readonly string[] {
  const found: string[] = [];
  if (!header('access-control-allow-origin')) found.push('no Access-Control-Allow-Origin');
  const methods = listOf(header('access-control-allow-methods'));
  // GET is a method that needs no permission (CORS-safelisted).
  if (!methods.some((method) => method === 'get' || method === '*'))
    found.push('GET not in Access-Control-Allow-Methods');
  const headers = listOf(header('access-control-allow-headers'));
  if (!headers.includes('authorization')) found.push('Authorization not in Access-Control-Allow-Headers');
  return found;
}
