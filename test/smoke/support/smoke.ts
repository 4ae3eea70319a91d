import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import { redactCredentials } from '../../../src/redact.ts';
import type { Time } from '../../../src/smoke/check.ts';
import { runCommand } from '../../../src/smoke/command.ts';
import { redacting } from '../../../src/terminal/output.ts';
import { HOUR, type MovedClock } from '../../support/moved-clock.ts';
import { recordOutput } from '../../support/recorded-output.ts';

// The command reads credentials from the environment too: not from that of whoever runs the tests.
for (const name of Object.keys(process.env)) if (name.startsWith('SMOKE_')) delete process.env[name];

export interface SmokeRun {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  /** All that was written, what is shown while waiting too. */
  readonly everything: string;
}

/** Runs the command as `npm run smoke` does, in this process. */
export function smoke(...args: readonly string[]): Promise<SmokeRun> {
  return smokeBy(undefined, ...args);
}

/** The same by the clock of a stage, which moves on while the command sleeps. */
export async function smokeBy(clock: MovedClock | undefined, ...args: readonly string[]): Promise<SmokeRun> {
  const progress: string[] = [];
  const written = recordOutput();
  const output = redacting(written.out, written.err, redactCredentials);
  const status = await runCommand(
    args,
    output,
    {
      show: (text) => void progress.push(text),
      note: (text) => void progress.push(text),
      end: () => undefined,
    },
    clock && timeOf(clock),
  );
  const everything = [written.everything(), ...progress].join('\n');
  return { status, out: written.results().trimEnd(), err: written.messages().trimEnd(), everything };
}

/** Time by a clock that each sleep moves, and that gives up after a day. */
function timeOf(clock: MovedClock): Time {
  const end = clock.now() + 24 * HOUR;
  return {
    now: clock.now,
    async sleep(ms) {
      clock.advance(ms);
      if (clock.now() > end) throw new Error('The command has waited for a day.');
      await setImmediate(); // else a loop of sleeps would keep the test's own time limit from being noticed
    },
  };
}

/** The names of the checks with a result, from what `--json` prints. */
export function namesOf({ out }: SmokeRun, result: 'pass' | 'fail' | 'skipped'): readonly string[] {
  const { checks } = JSON.parse(out) as { checks: { name: string; result: string }[] }; // the command's own format
  return checks.filter((check) => check.result === result).map(({ name }) => name);
}

/** What the run says of conditions in policies. */
export function conditionsOf({ out }: SmokeRun): unknown {
  const { policyConditions } = JSON.parse(out) as { policyConditions: unknown }; // the command's own format
  return policyConditions;
}

/** No run of characters of a credential that is long enough to be worth anything. */
export function expectNoPartOf(secrets: readonly string[], text: string): void {
  for (const secret of secrets) {
    for (let start = 0; start + 12 <= secret.length; start++) {
      expect(text.includes(secret.slice(start, start + 12)), 'a part of a credential was written').toBe(false);
    }
  }
}
