import { formatJson, formatTable } from '../terminal/format.ts';
import type { Outcome } from './check.ts';
import { concludeConditions, type PolicyConditions } from './policy-conditions.ts';

/** What came of one check. */
export type Result = Outcome & {
  readonly name: string;
  readonly expected: string;
  readonly ms: number;
};

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export function countResults(results: readonly Result[]): Counts {
  const count = (wanted: Result['result']) => results.filter(({ result }) => result === wanted).length;
  return { passed: count('pass'), failed: count('fail'), skipped: count('skipped') };
}

/** Whether the contract holds as far as it was tested, which it must have been at all. */
export function isGood({ passed, failed }: Counts): boolean {
  return failed === 0 && passed > 0;
}

export function reportForPeople(url: string, results: readonly Result[]): string {
  const rows = results.map(({ result, name, ms, ...outcome }) => ({
    RESULT: result === 'fail' ? 'FAIL' : result,
    MS: ms,
    CHECK: name,
    FOUND: 'why' in outcome ? outcome.why : outcome.found,
  }));
  const failures = results.flatMap((one) =>
    one.result === 'fail' ? [`${one.name}\n  expected  ${one.expected}\n  found     ${one.found}`] : [],
  );
  const { passed, failed, skipped } = countResults(results);
  return [
    formatTable(rows),
    '',
    ...failures.flatMap((failure) => [failure, '']),
    describeConditions(concludeConditions(results)),
    `${url}: ${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join('\n');
}

function describeConditions({ dated, networks, set, why }: PolicyConditions): string {
  const found = `Conditions in policies: dated ${dated}, networks ${networks}.`;
  return `${found} ${set === undefined ? 'Not known yet' : `Set GATEPASS_POLICY_CONDITIONS=${set}`}: ${why}.`;
}

export function reportForPrograms(url: string, results: readonly Result[]): string {
  return formatJson({ url, ...countResults(results), policyConditions: concludeConditions(results), checks: results });
}
