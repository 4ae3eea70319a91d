import {
  type Check,
  describeAnswer,
  fail,
  get,
  isAllowed,
  isRefused,
  type Outcome,
  type Smoke,
  skip,
} from '../check.ts';
import { describeRefusal, judge, refusalOf, refusalWithoutAsking } from '../refusals.ts';
import type { ExpiringToken, Target } from '../target.ts';

/** How far the clocks of API Gateway and of this computer may be apart, in milliseconds, before it is a failure. */
const TOLERANCE_MS = 2000;

/** How long before its end the token is tried once more, so that a result is cached for it when it ends. */
const LAST_TRY_MS = 1000;

const POLL_MS = 100;

export function expiryChecks(target: Target): readonly Check[] {
  const expected = refusalOf(target, 'invalid_token');
  return [
    {
      name: 'A token is let through until its end and refused from then on, although its result is cached',
      expected: `2xx before, then ${describeRefusal(expected)}`,
      async run(smoke) {
        if (target.expiring === undefined) return skip('no --expiring-token was given');
        const left = target.expiring.end * 1000 - smoke.now();
        if (left <= 0) return fail('the token had ended before this check: give one that is good for longer');
        if (left > target.maxWaitSeconds * 1000) {
          return skip(`the token ends in ${Math.ceil(left / 1000)} s, which is more than --max-wait`);
        }
        const isKept = await keepsResults(smoke);
        return (await watchUntilEnd(smoke, target.expiring)) ?? (await watchEnd(smoke, target.expiring, isKept));
      },
    },
  ];
}

/**
 * Whether a result that was made shortly before the token's end is still cached after it. Without an identity source,
 * an empty header is answered by the authorizer.
 */
async function keepsResults(smoke: Smoke): Promise<boolean> {
  if (smoke.target.ttlSeconds * 1000 < LAST_TRY_MS + TOLERANCE_MS) return false;
  return judge(smoke, await get(smoke, ''), [refusalWithoutAsking(smoke.target)]).result === 'pass';
}

/** @returns nothing if the token was let through at once and, if there is time, shortly before its end. */
async function watchUntilEnd(smoke: Smoke, { token, end }: ExpiringToken): Promise<Outcome | undefined> {
  const [now, lastTry] = [smoke.now(), end * 1000 - LAST_TRY_MS];
  // A result of now that runs out about the end would be made anew then, and show nothing of the cached one.
  const runsOut = now + smoke.target.ttlSeconds * 1000;
  const wouldRunOutThen = runsOut >= lastTry && runsOut <= end * 1000 + TOLERANCE_MS;
  for (const moment of wouldRunOutThen ? [lastTry] : [now, lastTry]) {
    if (moment < smoke.now() - LAST_TRY_MS) continue;
    await waitUntil(smoke, moment);
    const answer = await get(smoke, `Bearer ${token}`);
    if (isAllowed(answer)) continue;
    return { ...fail(`${describeAnswer(answer)} before its end`), dated: isRefused(answer) ? 'ignored' : undefined };
  }
  return undefined;
}

async function watchEnd(smoke: Smoke, { token, end }: ExpiringToken, isKept: boolean): Promise<Outcome> {
  await waitUntil(smoke, end * 1000);
  for (;;) {
    const sentAt = smoke.now();
    const answer = await get(smoke, `Bearer ${token}`);
    const seconds = ((sentAt - end * 1000) / 1000).toFixed(1);
    if (!isAllowed(answer)) {
      const { result, found } = judge(smoke, answer, [refusalOf(smoke.target, 'invalid_token')]);
      const dated = isKept && isRefused(answer) ? 'evaluated' : undefined;
      return { result, found: `2xx, then ${found}, ${seconds} s after its end`, dated };
    }
    if (sentAt >= end * 1000 + TOLERANCE_MS) {
      return { ...fail(`${answer.status} still, ${seconds} s after its end`), dated: 'absent' };
    }
    await smoke.sleep(POLL_MS);
  }
}

async function waitUntil({ now, sleep, progress }: Smoke, moment: number): Promise<void> {
  for (let left = moment - now(); left > 0; left = moment - now()) {
    progress(`waiting for the end of the token: ${Math.ceil(left / 1000)} s`);
    await sleep(Math.min(left, 1000));
  }
}
