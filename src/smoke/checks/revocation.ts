import { type Check, describeAnswer, fail, get, isAllowed, skip } from '../check.ts';
import { describeRefusal, judge, refusalOf } from '../refusals.ts';
import { runShell } from '../shell.ts';
import type { Target } from '../target.ts';

/** What a result may outlive its TTL by: the time that a decision and a request take. */
const MARGIN_SECONDS = 5;

const POLL_MS = 500;

export function revocationChecks(target: Target): readonly Check[] {
  const { revocation, ttlSeconds } = target;
  const expected = refusalOf(target, 'invalid_api_key');
  return [
    {
      name: `A revoked key is refused after at most the TTL (${ttlSeconds} s)`,
      expected: `2xx before, then ${describeRefusal(expected)} within ${ttlSeconds} s and a margin of ${MARGIN_SECONDS} s`,
      async run(smoke) {
        if (revocation === undefined) return skip('no --revoke and --revocable-key were given');
        const before = await get(smoke, revocation.key);
        if (!isAllowed(before)) return fail(`before its revocation: ${describeAnswer(before)}`);
        smoke.progress('revoking the key');
        const problem = await runShell(revocation.command);
        if (problem !== undefined) return fail(`the --revoke command ${problem}`);

        const revokedAt = smoke.now();
        for (;;) {
          const sentAt = smoke.now();
          const after = await get(smoke, revocation.key);
          const seconds = ((sentAt - revokedAt) / 1000).toFixed(1);
          if (!isAllowed(after)) {
            const { result, found } = judge(smoke, after, [expected]);
            return { result, found: `${before.status}, then ${found}, ${seconds} s after its revocation` };
          }
          if (sentAt >= revokedAt + (ttlSeconds + MARGIN_SECONDS) * 1000) {
            return fail(`${after.status} still, ${seconds} s after its revocation`);
          }
          smoke.progress(`waiting for the revocation: ${seconds} s of ${ttlSeconds + MARGIN_SECONDS} s`);
          await smoke.sleep(POLL_MS);
        }
      },
    },
  ];
}
