import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { decisionOf, findDifferences, variablesOf } from './case-check.ts';
import { type Case, readCases } from './cases.ts';
import { type LocalFunction, startLocalFunction } from './local-function.ts';
import { type LocalParts, startLocalParts } from './local-parts.ts';

interface Row {
  readonly case: string;
  readonly decision: string;
  readonly reason: string;
  readonly ms: string;
  readonly differences: readonly string[];
}

/**
 * Runs every case of `events/` on a table and a realm of its own, and prints what each gave.
 *
 * @returns whether all are as expected.
 */
export async function runCases(output: Output, { json }: { readonly json?: boolean }): Promise<boolean> {
  const cases = readCases();
  const parts = await startLocalParts({ keep: false });
  const instances = new Map<string, LocalFunction>();
  const rows: Row[] = [];
  try {
    for (const one of cases) {
      const variables = variablesOf(one);
      const id = JSON.stringify(variables);
      const instance = instances.get(id) ?? (await startLocalFunction({ ...parts.env, ...variables }));
      instances.set(id, instance);
      rows.push(await runCase(one, parts, instance));
    }
  } finally {
    await Promise.all([...instances.values()].map((instance) => instance.stop()));
    await parts.stop();
  }
  output.out(json ? formatJson(rows) : report(rows));
  return rows.length > 0 && rows.every(({ differences }) => differences.length === 0);
}

async function runCase(one: Case, { credentials }: LocalParts, instance: LocalFunction): Promise<Row> {
  const event: unknown = JSON.parse(await credentials.fill(one.text));
  const context = one.context && JSON.parse(await credentials.fill(JSON.stringify(one.context)));
  const invocation = await instance.invoke(event);
  const { outcome, reason } = decisionOf(invocation);
  return {
    case: one.name,
    decision: outcome,
    reason,
    ms: invocation.durationMs.toFixed(1),
    differences: findDifferences({ ...one, context }, event, invocation),
  };
}

function report(rows: readonly Row[]): string {
  const failed = rows.filter(({ differences }) => differences.length > 0);
  const table = formatTable(
    rows.map((row) => ({
      CASE: row.case,
      DECISION: row.decision,
      REASON: row.reason,
      MS: row.ms,
      '': row.differences.length === 0 ? 'as expected' : 'NOT AS EXPECTED',
    })),
  );
  const explanations = failed.map((row) => `${row.case}: ${row.differences.join('; ')}`);
  return [table, '', ...explanations, `${rows.length} cases, ${failed.length} not as expected`].join('\n');
}
