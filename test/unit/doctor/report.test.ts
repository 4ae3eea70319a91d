import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Result } from '../../../src/doctor/check.ts';
import { keyChecks } from '../../../src/doctor/checks/api-key.ts';
import { DOCTOR_CHECKS } from '../../../src/doctor/doctor.ts';
import { exitStatusOf, formatResults, resultsAsJson } from '../../../src/doctor/report.ts';
import type { Style } from '../../../src/terminal/style.ts';

function result(name: string, severity: Result['severity'], found = 'It is so.', remedy?: string): Result {
  return { name, expected: 'It is so', severity, found, ...(remedy !== undefined && { remedy }) };
}

const plain: Style = (_, text) => text;

const SOME = [
  result('realm.https', 'ok'),
  result('realm.discovery', 'problem', 'It is not so.', 'Make it so.'),
  result('table.ttl', 'warning', 'It is off.', 'Switch it on.'),
  result('token.decision', 'skipped', 'No token is given.'),
  result('token.shape', 'skipped', 'No token is given.'),
];

describe('the report', () => {
  it('groups what was found, with what to do below', () => {
    expect(formatResults(SOME, plain)).toContain(
      ['Realm', '  ✓ realm.https      It is so.', '  ✗ realm.discovery  It is not so.', '    → Make it so.'].join('\n'),
    );
  });

  it('breaks long texts between words at 120 columns, but no command, which is to be copied', () => {
    const words = 'It is not so. '.repeat(30).trim();
    const command = `aws dynamodb ${'--option value '.repeat(20).trim()}`;
    const text = formatResults(
      [result('realm.https', 'problem', words, words), result('table.ttl', 'warning', 'Off.', command)],
      plain,
    );
    const lines = text.split('\n');
    expect(lines.filter((line) => line.length > 120)).toEqual([`    → ${command}`]);
    expect(Math.max(...lines.filter((line) => !line.includes(command)).map((line) => line.length))).toBeGreaterThan(
      105,
    );
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`${words} → ${words}`);
  });

  it('keeps to the width of a narrower terminal', () => {
    const words = 'It is not so. '.repeat(30).trim();
    const text = formatResults([result('realm.https', 'problem', words, words)], plain, 80);
    const longest = Math.max(...text.split('\n').map((line) => line.length));
    expect(longest).toBeLessThanOrEqual(80);
    expect(longest).toBeGreaterThan(65);
  });

  it('shows every check that there is', () => {
    const all = [...DOCTOR_CHECKS, ...keyChecks].map(({ name }) => result(name, 'ok'));
    const text = formatResults(all, plain);
    expect(all.filter(({ name }) => !text.includes(` ${name} `))).toEqual([]);
  });

  it('says once why a group was not examined', () => {
    expect(formatResults(SOME, plain)).toContain('Token\n  – No token is given.\n');
  });

  it('ends with how many there are of each', () => {
    expect(formatResults(SOME, plain)).toMatch(/\n\n1 problem, 1 warning, 1 well, 2 not examined\.$/);
  });

  it('has the sign of each finding in its colour', () => {
    const text = formatResults(SOME, (colour, sign) => `<${colour}>${sign}`);
    expect(text).toContain('<red>✗ realm.discovery');
    expect(text).toContain('<green>✓ realm.https');
  });

  it('brings no control character of others to the terminal', () => {
    const evil = [result('realm.https', 'problem', 'a\u001b[2J\u009bb\nsecond', 'c\u001b]0;d\u0007\ne')];
    const text = formatResults(evil, plain);
    expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(text).toContain('a[2Jb\n    second\n    → c]0;de');
  });

  it('is the same for programs', () => {
    expect(resultsAsJson(SOME)).toEqual({ outcome: 'problem', exitStatus: 1, findings: SOME });
  });
});

describe('the exit status', () => {
  it.each([
    [0, ['ok', 'skipped']],
    [3, ['ok', 'warning', 'skipped']],
    [1, ['warning', 'problem', 'ok']],
    [0, []],
  ] as const)('is %i for %j', (status, severities) => {
    expect(exitStatusOf(severities.map((severity) => result('realm.https', severity)))).toBe(status);
  });
});

describe('docs/doctor.md', () => {
  const page = readFileSync(new URL('../../../docs/doctor.md', import.meta.url), 'utf8');

  it('explains every check, in their order, and no other', () => {
    const explained = [...page.matchAll(/^\| `([a-z_.]+)` \|/gm)].map(([, id]) => id);
    expect(explained).toEqual([...DOCTOR_CHECKS, ...keyChecks].map(({ name }) => name));
  });
});
