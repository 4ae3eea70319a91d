import { isDeepStrictEqual } from 'node:util';
import { PUBLIC_ANSWERS, type PublicError } from '../decision.ts';
import { type Check, findingOf, get, parseObject, type Smoke } from './check.ts';
import type { Answer } from './client.ts';
import type { Target } from './target.ts';

/** An answer to a caller who isn't let through. */
interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** What the authorizer's own refusal becomes. An HTTP API's status and body can't be set. */
export function refusalOf({ kind }: Target, error: PublicError): Refusal {
  return kind === 'rest'
    ? { status: 401, body: { error, message: PUBLIC_ANSWERS[error] } }
    : { status: 403, body: { message: 'Forbidden' } };
}

/** What API Gateway answers by itself when results are cached and the identity source is missing or empty. */
export function refusalWithoutAsking(target: Target): Refusal {
  return target.kind === 'rest'
    ? refusalOf(target, 'missing_authorization')
    : { status: 401, body: { message: 'Unauthorized' } };
}

export function describeRefusal({ status, body }: Refusal): string {
  return `${status} ${JSON.stringify(body)}`;
}

/** A check that a `GET` with these `Authorization` values, made when it runs, is refused as the contract says. */
export function refused(
  target: Target,
  name: string,
  error: PublicError,
  authorization: () => readonly string[],
): Check {
  const expected = refusalOf(target, error);
  return {
    name,
    expected: describeRefusal(expected),
    run: async (smoke) => judge(smoke, await get(smoke, ...authorization()), [expected]),
  };
}

/** Compares an answer with the one expected, or with the likeliest where the mode isn't known. */
export function judge({ target }: Pick<Smoke, 'target'>, answer: Answer, expected: readonly Refusal[]) {
  const [likeliest] = expected.map((one) => findDifferences(target, answer, one)).sort((a, b) => a.length - b.length);
  return findingOf(answer, likeliest ?? []);
}

function findDifferences(target: Target, answer: Answer, { status, body }: Refusal): readonly string[] {
  const found: string[] = [];
  if (answer.status !== status) found.push(`not ${status}`);
  if (!isDeepStrictEqual(parseObject(answer.body), body)) found.push('another body');
  if (!/^application\/json\b/i.test(answer.header('content-type') ?? '')) found.push('not application/json');
  if (target.kind === 'http') return found;
  // RFC 9110, section 11.6.1: a 401 has a challenge. API Gateway renames a backend's, but not a gateway response's.
  const challenge = answer.header('www-authenticate');
  if (!/^Bearer realm="[^"]+"$/.test(challenge ?? '')) found.push('no challenge WWW-Authenticate: Bearer realm="…"');
  if (target.hasCors) found.push(...unreadable(answer, ['WWW-Authenticate']));
  return found;
}

/** Why a page of another origin can't read an answer or some headers of it. */
export function unreadable(answer: Answer, headers: readonly string[]): readonly string[] {
  const found: string[] = [];
  if (!answer.header('access-control-allow-origin')) found.push('no Access-Control-Allow-Origin');
  const exposed = listOf(answer.header('access-control-expose-headers'));
  for (const name of headers) {
    if (!exposed.includes(name.toLowerCase())) found.push(`${name} not in Access-Control-Expose-Headers`);
  }
  return found;
}

export function listOf(header: string | undefined): readonly string[] {
  return (header ?? '').split(',').map((one) => one.trim().toLowerCase());
}
