import { withoutControls } from '../terminal/format.ts';
import type { Style } from '../terminal/style.ts';
import { type Finding, type Severity, worstOf } from './check.ts';

const TITLES: Readonly<Record<string, string>> = {
  configuration: 'Configuration',
  realm: 'Realm',
  clock: 'Clocks',
  table: 'Table',
  key: 'API key',
  token: 'Token',
};

const SIGNS: Readonly<Record<Severity, string>> = { ok: '✓', warning: '!', problem: '✗', skipped: '–' };

const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'dim' } as const;

const LINE_LENGTH = 120;
const INDENT = '    ';

/** What the exit status says: 2 is for a wrong command line. */
const EXIT_STATUS = { ok: 0, problem: 1, warning: 3 } as const;

export function exitStatusOf(findings: readonly Finding[]): number {
  return EXIT_STATUS[worstOf(findings)];
}

/** The findings for people, grouped. Control characters that others put into an answer don't reach the terminal. */
export function formatFindings(findings: readonly Finding[], style: Style): string {
  const sign = (severity: Severity) => style(COLOURS[severity], SIGNS[severity]);
  const width = Math.max(...findings.map(({ id }) => id.length));

  const describe = ({ id, severity, found, todo }: Finding) => {
    const [first = '', ...more] = found.split('\n').map(withoutControls);
    const head = `  ${sign(severity)} ${id.padEnd(width)}  `;
    const rest = [...more, ...(todo === undefined ? [] : [`→ ${withoutControls(todo)}`])];
    return [head + wrap(first, width + 6), ...rest.map((line) => INDENT + wrap(line, INDENT.length))];
  };
  const sections = Object.entries(TITLES).flatMap(([group, title]) => {
    const members = findings.filter(({ id }) => id.startsWith(`${group}.`));
    if (members.length === 0) return [];
    const why = reasonForNone(members);
    if (why !== undefined) return `${title}\n  ${sign('skipped')} ${withoutControls(why)}`;
    return [title, ...members.flatMap(describe)].join('\n');
  });
  return [...sections, summarize(findings)].join('\n\n');
}

export function findingsAsJson(findings: readonly Finding[]): object {
  return { outcome: worstOf(findings), exitStatus: exitStatusOf(findings), findings };
}

/** Why a group was not examined at all, if so: once is enough then. */
function reasonForNone(members: readonly Finding[]): string | undefined {
  const [first] = members;
  const areSame = members.every(({ severity, found }) => severity === 'skipped' && found === first?.found);
  return areSame ? first?.found : undefined;
}

function summarize(findings: readonly Finding[]): string {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${plural(count('problem'), 'problem')}, ${plural(count('warning'), 'warning')}, ${count('ok')} well, ${count('skipped')} not examined.`;
}

/** Breaks a text between words. A command stays whole, to be copied. */
function wrap(text: string, column: number): string {
  if (/^→ aws /.test(text)) return text;
  const lines = [''];
  let room = LINE_LENGTH - column;
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(word);
      room = LINE_LENGTH - INDENT.length;
    } else {
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
  }
  return lines.join(`\n${INDENT}`);
}
