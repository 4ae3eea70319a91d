import { withoutControls } from '../terminal/format.ts';
import type { Style } from '../terminal/style.ts';
import type { Finding, Result } from './check.ts';

const TITLES: Readonly<Record<string, string>> = {
  configuration: 'Configuration',
  realm: 'Realm',
  page: 'Self-service page',
  logout: 'Logouts at the realm',
  clock: 'Clocks',
  table: 'Table',
  key: 'API key',
  token: 'Token',
};

type Severity = Finding['severity'];

const SIGNS: Readonly<Record<Severity, string>> = { ok: '✓', warning: '!', problem: '✗', skipped: '–' };

const COLOURS = { ok: 'green', warning: 'yellow', problem: 'red', skipped: 'dim' } as const;

/** No line is longer, however wide the terminal. */
const MAX_LINE_LENGTH = 120;
const INDENT = '    ';

/** What the exit status says: 2 is for a wrong command line. */
const EXIT_STATUS = { ok: 0, problem: 1, warning: 3 } as const;

export function exitStatusOf(results: readonly Result[]): number {
  return EXIT_STATUS[worstOf(results)];
}

/** What was skipped doesn't count. */
function worstOf(results: readonly Result[]): keyof typeof EXIT_STATUS {
  const has = (severity: Severity) => results.some((result) => result.severity === severity);
  return has('problem') ? 'problem' : has('warning') ? 'warning' : 'ok';
}

/**
 * What was found for people, by subject. Control characters that others put into an answer don't reach the terminal.
 *
 * @param columns how wide the terminal is.
 */
export function formatResults(results: readonly Result[], style: Style, columns = MAX_LINE_LENGTH): string {
  const lineLength = Math.min(columns, MAX_LINE_LENGTH);
  const sign = (severity: Severity) => style(COLOURS[severity], SIGNS[severity]);
  const width = Math.max(...results.map(({ name }) => name.length));

  const format = ({ name, severity, found, remedy }: Result) => {
    const [first = '', ...more] = found.split('\n').map(withoutControls);
    const head = `  ${sign(severity)} ${name.padEnd(width)}  `;
    const rest = [...more, ...(remedy === undefined ? [] : [`→ ${withoutControls(remedy)}`])];
    return [
      head + wrap(first, width + 6, lineLength),
      ...rest.map((line) => INDENT + wrap(line, INDENT.length, lineLength)),
    ];
  };
  const sections = Object.entries(TITLES).flatMap(([subject, title]) => {
    const members = results.filter(({ name }) => name.startsWith(`${subject}.`));
    if (members.length === 0) return [];
    const why = reasonForNone(members);
    if (why !== undefined) return `${title}\n  ${sign('skipped')} ${withoutControls(why)}`;
    return [title, ...members.flatMap(format)].join('\n');
  });
  return [...sections, summarize(results)].join('\n\n');
}

export function resultsAsJson(results: readonly Result[]): object {
  return { outcome: worstOf(results), exitStatus: exitStatusOf(results), findings: results };
}

/** Why nothing of a subject was examined, if so: once is enough then. */
function reasonForNone(members: readonly Result[]): string | undefined {
  const [first] = members;
  const areSame = members.every(({ severity, found }) => severity === 'skipped' && found === first?.found);
  return areSame ? first?.found : undefined;
}

function summarize(results: readonly Result[]): string {
  const count = (severity: Severity) => results.filter((result) => result.severity === severity).length;
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${plural(count('problem'), 'problem')}, ${plural(count('warning'), 'warning')}, ${count('ok')} well, ${count('skipped')} not examined.`;
}

/** Breaks a text between words. A command stays whole, to be copied. */
function wrap(text: string, column: number, lineLength: number): string {
  if (/^→ aws /.test(text)) return text;
  const lines = [''];
  let room = lineLength - column;
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(word);
      room = lineLength - INDENT.length;
    } else {
      lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
  }
  return lines.join(`\n${INDENT}`);
}
