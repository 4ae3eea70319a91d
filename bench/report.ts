import { cpus, loadavg, release } from 'node:os';
import type { ColdRow } from './cold.ts';
import type { Ratio } from './ratios.ts';
import type { Spread } from './statistics.ts';
import type { WarmRow } from './warm.ts';

/** All that one run found. */
export interface Findings {
  readonly machine: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly ratios: readonly Ratio[];
  readonly cold: readonly ColdRow[];
  readonly warm: readonly WarmRow[];
  readonly growth: readonly WarmRow[];
}

export function describeMachine(): Findings['machine'] {
  const [cpu] = cpus();
  return {
    processors: `${cpus().length} × ${cpu?.model.trim()}`,
    system: `Linux ${release()}`,
    node: process.version,
    load: loadavg()[0]?.toFixed(1) ?? '',
  };
}

/** The findings as tables, which Markdown takes too. */
export function render({ machine, rounds, ratios, cold, warm, growth }: Findings): string {
  const about = Object.entries(machine).map(([name, value]) => `${name}: ${value}`);
  const parts = [`${about.join(', ')}, rounds: ${rounds}. Medians, with the middle half in brackets.`];
  if (rounds < 5) parts.push('So few rounds show that everything runs; the figures are worth little.');
  if (ratios.length > 0) {
    const rows = ratios.map(({ name, value, unit, most }) => {
      const figure = unit === '×' ? `${value.toFixed(2)} ×` : `${value.toFixed(0)} ${unit}`;
      return [name, figure, `${most} ${unit}`, value <= most ? 'held' : 'missed'];
    });
    parts.push(table(['what', 'figure', 'at most', ''], rows));
  }
  if (cold.length > 0) {
    const head = [
      'cold, milliseconds',
      'credential',
      'start, CPU',
      'answer, CPU',
      'both, CPU',
      'both, clock',
      'answer at 0.29 CPU, clock',
      'requests',
    ];
    const rows = cold.map((row) => [
      row.name,
      row.credential,
      ...[row.start, row.answer, row.both, row.bothWall, row.answerLimitedWall].map(spread),
      `${row.requests.realm} realm, ${row.requests.table} table`,
    ]);
    parts.push(table(head, rows));
  }
  for (const [title, some] of [
    ['warm', warm],
    ['growth', growth],
  ] as const) {
    if (some.length === 0) continue;
    const head = [`${title}, microseconds a decision`, 'credential', 'CPU', 'clock', 'requests'];
    const rows = some.map((row) => [
      row.name,
      row.credential,
      spread(row.cpu),
      spread(row.wall),
      `${row.requests.realm} realm, ${row.requests.table} table`,
    ]);
    parts.push(table(head, rows));
  }
  return `${parts.join('\n\n')}\n`;
}

function spread(of: Spread | undefined): string {
  if (of === undefined) return '–';
  const digits = of.median < 100 ? 1 : 0;
  return `${of.median.toFixed(digits)} (${of.low.toFixed(digits)}–${of.high.toFixed(digits)})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, head.map(() => '---'), ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return all.map(line).join('\n');
}
