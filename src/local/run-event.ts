import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { decisionOf, variablesOf } from './case-check.ts';
import type { Outcome } from './cases.ts';
import { readEventFile } from './event-file.ts';
import { startLocalFunction } from './local-function.ts';
import { startLocalParts } from './local-parts.ts';

export interface RunEventOptions {
  readonly case?: string;
  readonly expect?: Outcome;
  readonly json?: boolean;
}

/**
 * Runs one event on the kept table and realm, and prints what API Gateway and the log get.
 *
 * @returns whether it came to what `--expect` says. Without it, a fault is not expected, unless the event's case says so.
 */
export async function runEvent(output: Output, file: string, options: RunEventOptions): Promise<boolean> {
  const { text, case: one } = readEventFile(file, options.case);
  const parts = await startLocalParts({ keep: true });
  try {
    const event: unknown = JSON.parse(await parts.credentials.fill(text));
    const instance = await startLocalFunction({ ...parts.env, ...(one && variablesOf(one)), ...ownVariables() });
    const invocation = await instance.invoke(event).finally(() => instance.stop());
    const { result, error, log, durationMs } = invocation;
    const answer = {
      ...(result ? { result } : { fault: error }),
      log: log.map((line) => JSON.parse(line)),
      durationMs,
    };
    output.out(options.json ? formatJson(answer) : report(answer));

    const { outcome } = decisionOf(invocation);
    const expected = options.expect ?? (one?.outcome === 'fault' ? 'fault' : undefined);
    const isExpected = expected === undefined ? outcome !== 'fault' : outcome === expected;
    if (!isExpected) output.err(`npm run invoke: the outcome is ${outcome}, expected ${expected ?? 'no fault'}`);
    return isExpected;
  } finally {
    await parts.stop();
  }
}

function report({ log, durationMs, ...answer }: { log: unknown[]; durationMs: number }): string {
  return (
    `What API Gateway gets (${durationMs.toFixed(1)} ms):\n${formatJson(answer)}\n\n` +
    `What the log gets:\n${log.map(formatJson).join('\n')}`
  );
}

/** The variables of the function that the user has set. */
function ownVariables(): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(GATEPASS|AWS)_/.test(name) && value !== undefined) own[name] = value;
  }
  return own;
}
