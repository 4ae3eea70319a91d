import { describe, expect, it } from 'vitest';
import type { AlarmProperties } from '../../infra/check/assertions/alarms.ts';
import { FAULTS } from '../../src/fault.ts';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { asObject } from '../../src/local/gateway/json.ts';

/** Whether an alarm of template.yaml finds these sums, of one period, too high. */
function isHigh(alarm: 'FaultAlarm' | 'FaultShareAlarm', sums: Readonly<Record<string, number>>): boolean {
  const { Metrics = [], Threshold = 0 } = asObject(
    asObject(asObject(readTemplate('template.yaml')['Resources'])[alarm])['Properties'],
  ) as AlarmProperties;
  const expression = Metrics.flatMap(({ Expression }) => Expression ?? []).join();
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
  const FILL = (value: number | undefined, fill: number) => value ?? fill;
  const IF = (condition: boolean, yes: number, no: number) => (condition ? yes : no);
  const names = ['FILL', 'IF', ...Object.keys(sums)];
  const value = new Function(...names, `return ${expression}`)(FILL, IF, ...Object.values(sums));
  return value >= Threshold;
}

describe('seven forged tokens, each a fault that callers can bring about', () => {
  it('are faults of the level that is counted as theirs', () => {
    expect(Object.values(FAULTS).map(({ level }) => level)).toContain('WARN');
  });

  it.each([7, 50, 100, 10_000])('ring no alarm among %d decisions', (decisions) => {
    expect(isHigh('FaultAlarm', { errors: 7, callerFaults: 7 })).toBe(false);
    expect(isHigh('FaultShareAlarm', { errors: 7, decisions })).toBe(false);
  });
});

it('one fault more than callers brought about is too high', () => {
  expect(isHigh('FaultAlarm', { errors: 1, callerFaults: 0 })).toBe(true);
  expect(isHigh('FaultAlarm', { errors: 8, callerFaults: 7 })).toBe(true);
});

it('a tenth of a hundred decisions is too high a share, and no less, and not of fewer', () => {
  expect(isHigh('FaultShareAlarm', { errors: 10, decisions: 100 })).toBe(true);
  expect(isHigh('FaultShareAlarm', { errors: 9, decisions: 100 })).toBe(false);
  expect(isHigh('FaultShareAlarm', { errors: 99, decisions: 99 })).toBe(false);
});
