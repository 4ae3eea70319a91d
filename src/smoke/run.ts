import { setTimeout as sleep } from 'node:timers/promises';
import { type Check, callOf, fail, type Outcome, type Smoke } from './check.ts';
import { allChecks } from './checks/all.ts';
import { type Answer, type Client, NoAnswer } from './client.ts';
import type { Result } from './report.ts';
import type { Target } from './target.ts';

/**
 * Puts a deployed stage to the test, one request at a time.
 *
 * @throws NoAnswer when it doesn't answer the first request, or has no such route: nothing can be said of it then.
 */
export async function runSmoke(
  target: Target,
  client: Client,
  progress: (text: string) => void,
): Promise<readonly Result[]> {
  const first = await client(callOf({ method: 'GET', path: target.path }));
  assertRoute(first, target);
  const ahead = clockAhead(first, Date.now());
  const smoke: Smoke = { target, client, now: () => Date.now() + ahead, sleep, progress };
  const checks = allChecks(target);
  const results: Result[] = [];
  for (const [index, check] of checks.entries()) {
    progress(`${index + 1}/${checks.length} ${check.name}`);
    const startedAt = performance.now();
    const outcome = await runCheck(check, smoke);
    results.push({
      name: check.name,
      expected: check.expected,
      ...outcome,
      ms: Math.round(performance.now() - startedAt),
    });
  }
  return results;
}

/** API Gateway's answer where it has no such route: 403 from a REST API, 404 from an HTTP API. */
function assertRoute({ status, header }: Answer, { url, path }: Target): void {
  if (status !== 404 && header('x-amzn-errortype') !== 'MissingAuthenticationTokenException') return;
  throw new NoAnswer(
    `there is no route GET ${path} at ${url}: --url needs the stage at its end, as https://…/prod, and --path a ` +
      'route of this API',
  );
}

/** How far their clock is ahead of ours, in milliseconds; 0 when it's too little to tell by a date in seconds. */
function clockAhead({ header }: Answer, now: number): number {
  const theirs = Date.parse(header('date') ?? '') + 500;
  return Math.abs(theirs - now) > 1500 ? theirs - now : 0;
}

async function runCheck({ run }: Check, smoke: Smoke): Promise<Outcome> {
  try {
    return await run(smoke);
  } catch (error) {
    if (error instanceof NoAnswer) return fail(error.message);
    throw error;
  }
}
