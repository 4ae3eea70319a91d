import { describe, expect, it } from 'vitest';
import type { AlarmProperties } from '../../infra/check/assertions/alarms.ts';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { asObject } from '../../src/local/gateway/json.ts';

/** Whether the alarm on a share finds these sums, of one period, too high. */
function isHigh(sums: Readonly<Record<'errors' | 'decisions', number>>): boolean {
  const alarm = asObject(asObject(readTemplate('template.yaml')['Resources'])['FaultShareAlarm']);
  const { Metrics = [], Threshold = 0 } = alarm['Properties'] as AlarmProperties;
  const expression = Metrics.flatMap(({ Expression }) => Expression ?? []).join();
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
  const IF = (condition: boolean, yes: number, no: number) => (condition ? yes : no);
  const value = new Function('IF', ...Object.keys(sums), `return ${expression}`)(IF, ...Object.values(sums));
  return value >= Threshold;
}

describe('the share of faults that rings', () => {
  it.each([7, 50, 100, 10_000])('is not that of seven forged tokens among %d decisions', (decisions) => {
    expect(isHigh({ errors: 7, decisions })).toBe(false);
  });

  it('is a tenth of a hundred decisions, and no less, and not of fewer', () => {
    expect(isHigh({ errors: 10, decisions: 100 })).toBe(true);
    expect(isHigh({ errors: 9, decisions: 100 })).toBe(false);
    expect(isHigh({ errors: 99, decisions: 99 })).toBe(false);
  });
});
