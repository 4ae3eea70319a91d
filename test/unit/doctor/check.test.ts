import { afterEach, describe, expect, it, vi } from 'vitest';
import { check, problem, quote, runChecks, skip, skipChecks, warning } from '../../../src/doctor/check.ts';

describe('a finding', () => {
  it('is written as it is shown: after an arrow, what to do about it', () => {
    const value = 7;
    expect(problem`It is ${value}. → Make it ${value + 1}.`).toStrictEqual({
      severity: 'problem',
      found: 'It is 7.',
      remedy: 'Make it 8.',
    });
    expect(skip`No ${'table'} is given.`).toStrictEqual({ severity: 'skipped', found: 'No table is given.' });
  });

  it('takes a line break of the code for a space', () => {
    expect(warning`It is
      off.
      → Switch
      it on.`).toStrictEqual({ severity: 'warning', found: 'It is off.', remedy: 'Switch it on.' });
  });

  it('has an arrow or a line break only where its own text has one, and not where a value has', () => {
    const { found, remedy } = problem`Its aud is ${'a → b\n  c'}. → Ask.`;
    expect({ found, remedy }).toStrictEqual({ found: 'Its aud is a → b\n  c.', remedy: 'Ask.' });
  });

  it('cuts off the values of others, and quotes them', () => {
    expect(quote('a"\u009bb')).toBe('"a\\"b"');
    expect(quote('x'.repeat(500))).toHaveLength(161);
    expect(quote(undefined)).toBe('nothing');
  });
});

describe('checks', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const good = check<number>('a.good', 'It is good', (facts) => skip`${facts}`);
  const bad = check<number>('a.bad', 'It is bad', () => {
    throw new TypeError('out of order');
  });

  it('that fail by themselves are findings, and take no other with them', async () => {
    const [first, second] = await runChecks([bad, good], 1, 1000);
    expect(first).toMatchObject({
      name: 'a.bad',
      expected: 'It is bad',
      severity: 'problem',
      found: expect.stringMatching(/check itself failed: TypeError: out of order/),
    });
    expect(second).toMatchObject({ name: 'a.good', severity: 'skipped', found: '1' });
  });

  it('that have nothing to judge within their time are problems', async () => {
    vi.useFakeTimers();
    const ended = vi.fn();
    void runChecks([good], new Promise<number>(() => {}), 2000).then(ended);
    await vi.advanceTimersByTimeAsync(1999);
    expect(ended).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toHaveBeenCalledWith([expect.objectContaining({ found: 'No answer within 2 s.' })]);
  });

  it('that are skipped say why', () => {
    expect(skipChecks([good], 'No.')).toStrictEqual([
      { name: 'a.good', expected: 'It is good', severity: 'skipped', found: 'No.' },
    ]);
  });
});
