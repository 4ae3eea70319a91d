import { type Check, callOf, fail, type Outcome, type Smoke, type Time } from './check.ts';
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
  { now, sleep }: Time,
): Promise<readonly Result[]> {
  const sentAt = now();
  const first = await client(callOf({ method: 'GET', path: target.path }));
  const aheadMs = clockAheadMs(first, { sentAt, receivedAt: now() });
  assertRoute(first, target);
  const smoke: Smoke = { target, client, now: () => now() + aheadMs, sleep, progress };
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

const UNCERTAIN_MS = 500;

/**
 * How far the stage's clock is ahead of ours; 0 when that is too little to tell. A date is in whole seconds, and the
 * answer was made at any time between request and receipt.
 */
function clockAheadMs(
  { header }: Answer,
  { sentAt, receivedAt }: { readonly sentAt: number; readonly receivedAt: number },
): number {
  const date = Date.parse(header('date') ?? '');
  const [least, most] = [date - receivedAt - UNCERTAIN_MS, date + 1000 - sentAt + UNCERTAIN_MS];
  return least > 0 || most < 0 ? Math.round((least + most) / 2) : 0;
}

async function runCheck({ run }: Check, smoke: Smoke): Promise<Outcome> {
  try {
    return await run(smoke);
  } catch (error) {
    if (error instanceof NoAnswer) return fail(error.message);
    throw error;
  }
}
