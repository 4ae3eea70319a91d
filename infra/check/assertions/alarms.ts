import { isDeepStrictEqual } from 'node:util';
import { ofType, type Resources } from '../resources.ts';
import type { Assertion } from './assertion.ts';

export interface AlarmProperties {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Statistic?: string;
  readonly Metrics?: readonly AlarmMetric[];
  readonly TreatMissingData?: string;
  readonly Threshold?: number;
}

interface AlarmMetric {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: unknown; readonly Period: number; readonly Stat: string };
}

const FUNCTION_DIMENSION = [{ Name: 'FunctionName', Value: `\${AuthorizerFunction}` }];
const ERRORS = { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: FUNCTION_DIMENSION };
const INVOCATIONS = { ...ERRORS, MetricName: 'Invocations' };
const FAULTS = { Namespace: 'Gatepass/gatepass', MetricName: 'faults' };
const FAULT_LINES =
  '{ ($.outcome = "fault" && $.level = "ERROR") ' +
  '|| ($.type = "platform.report" && ($.record.status = "timeout" || $.record.status = "failure")) }';
const SHARE = 'IF(decisions >= 100, 100 * errors / decisions, 0)';

const OWN = { Namespace: 'Gatepass/gatepass', Threshold: 1 };
const SYNC_ALARMS = {
  SyncAlarm: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Threshold: 3, TreatMissingData: 'notBreaching' },
  SyncFullPassAlarm: { ...OWN, MetricName: 'fullPasses', TreatMissingData: 'breaching' },
  SyncSkipAlarm: { ...OWN, MetricName: 'accountsSkippedTooOften', TreatMissingData: 'notBreaching' },
};
const SYNC_LINES = {
  SyncFullPasses: { pattern: '{ $.pass = "full" && $.outcome = "done" }', metric: 'fullPasses', value: '1' },
  SyncSkips: {
    pattern: '{ $.accountsSkippedTooOften > 0 }',
    metric: 'accountsSkippedTooOften',
    value: '$.accountsSkippedTooOften',
  },
};

/** What must hold of the alarms. */
export const ALARM_ASSERTIONS = {
  'alarms-present': {
    holds: "Alarms tell of faults that callers didn't bring about, and of a share of faults; silence isn't one.",
    *faults(resources) {
      const alarms = new Map(ofType<AlarmProperties>(resources, 'AWS::CloudWatch::Alarm'));
      const { Namespace, MetricName, Statistic } = alarms.get('FaultAlarm') ?? {};
      if (!isDeepStrictEqual({ Namespace, MetricName, Statistic }, { ...FAULTS, Statistic: 'Sum' })) {
        yield `FaultAlarm is on the ${Statistic} of ${Namespace} ${MetricName}`;
      }
      const { Metrics = [] } = alarms.get('FaultShareAlarm') ?? {};
      const sums = Metrics.filter(({ MetricStat }) => MetricStat?.Stat === 'Sum');
      const counted = Object.fromEntries(sums.map(({ Id, MetricStat }) => [Id, MetricStat?.Metric]));
      if (!isDeepStrictEqual(counted, { errors: ERRORS, decisions: INVOCATIONS })) {
        yield `FaultShareAlarm is on ${JSON.stringify(counted)}`;
      }
      const expressions = Metrics.flatMap(({ Expression }) => Expression ?? []);
      if (expressions.join() !== SHARE) yield `FaultShareAlarm reckons ${expressions.join() || 'nothing'}`;
      for (const name of ['FaultAlarm', 'FaultShareAlarm']) {
        const silence = alarms.get(name)?.TreatMissingData;
        if (silence !== 'notBreaching') yield `${name} takes silence as ${silence}`;
      }
    },
  },
  'faults-counted': {
    holds: "Faults are counted from this stack's own log, without those that callers bring about.",
    *faults(resources) {
      const filters = ofType<FilterProperties>(resources, 'AWS::Logs::MetricFilter');
      const [, filter] = filters.find(([name]) => name === 'Faults') ?? [];
      const { LogGroupName, FilterPattern, MetricTransformations = [] } = filter ?? {};
      if (LogGroupName !== `\${AuthorizerLogGroup}`) yield `the log group is ${LogGroupName}`;
      if (FilterPattern !== FAULT_LINES) yield `the pattern is ${FilterPattern}`;
      const [{ MetricNamespace: Namespace, MetricName, MetricValue } = {}] = MetricTransformations;
      if (!isDeepStrictEqual({ Namespace, MetricName }, FAULTS) || MetricValue !== '1') {
        yield `the metric is ${Namespace} ${MetricName}, of ${MetricValue}`;
      }
    },
  },
  'sync-alarms-present': {
    holds: 'Alarms tell of a sync that fails, that makes no full pass, and that skips an account again and again.',
    *faults(resources) {
      if (!('SyncFunction' in resources)) return;
      const alarms = new Map(ofType<AlarmProperties>(resources, 'AWS::CloudWatch::Alarm'));
      const filters = new Map(ofType<FilterProperties>(resources, 'AWS::Logs::MetricFilter'));
      for (const [name, expected] of Object.entries(SYNC_ALARMS)) {
        const { Namespace, MetricName, Threshold, TreatMissingData } = alarms.get(name) ?? {};
        const found = { Namespace, MetricName, Threshold, TreatMissingData };
        if (!isDeepStrictEqual(found, expected)) yield `${name} is on ${JSON.stringify(found)}`;
      }
      for (const [name, { pattern, metric, value }] of Object.entries(SYNC_LINES)) {
        const { LogGroupName, FilterPattern, MetricTransformations = [] } = filters.get(name) ?? {};
        const [{ MetricNamespace, MetricName, MetricValue } = {}] = MetricTransformations;
        const found = [LogGroupName, FilterPattern, MetricNamespace, MetricName, MetricValue];
        const expected = [`\${SyncLogGroup}`, pattern, 'Gatepass/gatepass', metric, value];
        if (!isDeepStrictEqual(found, expected)) yield `${name} counts ${found.join(', ')}`;
      }
    },
  },
} as const satisfies Record<string, Assertion<Resources>>;

interface FilterProperties {
  readonly LogGroupName?: string;
  readonly FilterPattern?: string;
  readonly MetricTransformations?: readonly {
    readonly MetricNamespace?: string;
    readonly MetricName?: string;
    readonly MetricValue?: string;
  }[];
}
