import { withTimeLimit } from '../deadline.ts';
import { Fault } from '../fault.ts';

/** One thing to examine. */
export interface Check<Facts> {
  /** Stable: its subject, a dot, and what of it is examined. docs/doctor.md explains each. */
  readonly name: string;
  /** What is found where all is well. */
  readonly expected: string;
  readonly run: (facts: Facts) => Finding | Promise<Finding>;
}

export interface Finding {
  /** `warning`: it works today, and will cause trouble. `skipped`: not examined; `found` says why. */
  readonly severity: 'ok' | 'warning' | 'problem' | 'skipped';
  readonly found: string;
  /** What to do about it: the setting of Keycloak, the variable, the AWS command. */
  readonly remedy?: string;
}

/** What came of one check. */
export type Result = Pick<Check<never>, 'name' | 'expected'> & Finding;

export function check<Facts>(name: string, expected: string, run: Check<Facts>['run']): Check<Facts> {
  return { name, expected, run };
}

// A finding is written as the report shows it: what was found, and after an arrow what to do about it. A line break of
// the code is a space in the text. An arrow or a line break in a value is part of the value.
export const ok = findingOf('ok');
export const warning = findingOf('warning');
export const problem = findingOf('problem');
export const skip = findingOf('skipped');

function findingOf(severity: Finding['severity']) {
  return (texts: TemplateStringsArray, ...values: readonly (string | number)[]): Finding => {
    const parts = [''];
    for (const [index, text] of texts.entries()) {
      const [same = '', ...next] = text.replaceAll(/\s*\n\s*/g, ' ').split(/ ?→ /);
      parts.push(`${parts.pop()}${same}`, ...next);
      parts.push(`${parts.pop()}${values[index] ?? ''}`);
    }
    const [found = '', remedy] = parts;
    return remedy === undefined ? { severity, found } : { severity, found, remedy };
  };
}

/** Runs checks at once. Never rejects: a check that fails, or takes longer than `limitMs`, is a problem of its own. */
export function runChecks<Facts>(
  checks: readonly Check<Facts>[],
  facts: Facts | Promise<Facts>,
  limitMs: number,
): Promise<readonly Result[]> {
  return Promise.all(
    checks.map(async ({ name, expected, run }) => {
      const finding = withTimeLimit(limitMs, async () => run(await facts)).catch((error: unknown) => {
        const isOverdue = error instanceof Fault && error.reason === 'fault.deadline';
        if (!isOverdue) return problem`The check itself failed: ${String(error)} → Report it, with this line.`;
        return problem`No answer within ${limitMs / 1000} s. → Check the network between this machine and there.`;
      });
      return { name, expected, ...(await finding) };
    }),
  );
}

export function skipChecks(checks: readonly Check<never>[], why: string): readonly Result[] {
  return checks.map(({ name, expected }) => ({ name, expected, ...skip`${why}` }));
}

const MAX_QUOTED = 160;

/** A value of others for people to read: as JSON, so that its ends are seen; cut off when long, no control characters. */
export function quote(value: unknown): string {
  const json = (JSON.stringify(value) ?? 'nothing').replaceAll(/\p{Cc}/gu, '');
  return json.length > MAX_QUOTED ? `${json.slice(0, MAX_QUOTED)}…` : json;
}
