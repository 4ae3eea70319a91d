import { describe, expect, it } from 'vitest';
import { formatJson, formatTable, formatTime } from '../../../src/terminal/format.ts';

describe('a table', () => {
  it('has its names above columns as wide as their widest cell, and no spaces at the end of a line', () => {
    const rows = [
      { KEY: 'a', NAME: 'CI', STATE: 'active' },
      { KEY: 'a-long-one', NAME: '', STATE: 'expired' },
    ];
    expect(formatTable(rows)).toBe(
      ['KEY         NAME  STATE', 'a           CI    active', 'a-long-one        expired'].join('\n'),
    );
  });

  it('is blank where there is no value, and shows false and zero', () => {
    expect(formatTable([{ A: undefined, B: false, C: 0 }])).toBe('A  B      C\n   false  0');
  });

  it('aligns letters and signs that take two columns, and marks that take none', () => {
    const rows = [
      { NAME: '山田太郎', STATE: 'a' },
      { NAME: 'e\u0301mile', STATE: 'b' },
      { NAME: '👩‍👩‍👧 CI', STATE: 'c' },
    ];
    expect(formatTable(rows).split('\n')).toEqual([
      'NAME      STATE',
      '山田太郎  a',
      'e\u0301mile     b',
      '👩‍👩‍👧 CI     c',
    ]);
  });

  it('brings no control character of a name to the terminal', () => {
    expect(formatTable([{ NAME: 'a\u001b[2J\nb\u009bc' }])).toBe('NAME\na[2Jbc');
  });

  it('of no rows is empty', () => {
    expect(formatTable([])).toBe('');
  });
});

describe('a time', () => {
  it('is written to the second, in UTC', () => {
    expect(formatTime(1_795_508_130)).toBe('2026-11-24T08:15:30Z');
    expect(formatTime(0)).toBe('1970-01-01T00:00:00Z');
  });

  it('that is absent stays absent', () => {
    expect(formatTime(undefined)).toBeUndefined();
  });
});

describe('JSON', () => {
  it('is indented, and leaves out what has no value', () => {
    expect(formatJson({ a: 1, b: undefined, c: ['x'] })).toBe('{\n  "a": 1,\n  "c": [\n    "x"\n  ]\n}');
  });
});
