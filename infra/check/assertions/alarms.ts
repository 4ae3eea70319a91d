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
      const [[, filter] = []] = ofType<FilterProperties>(resources, 'AWS::Logs::MetricFilter');
      const { LogGroupName, FilterPattern, MetricTransformations = [] } = filter ?? {};
      if (LogGroupName !== `\${AuthorizerLogGroup}`) yield `the log group is ${LogGroupName}`;
      if (FilterPattern !== FAULT_LINES) yield `the pattern is ${FilterPattern}`;
      const [{ MetricNamespace: Namespace, MetricName, MetricValue } = {}] = MetricTransformations;
      if (!isDeepStrictEqual({ Namespace, MetricName }, FAULTS) || MetricValue !== '1') {
        yield `the metric is ${Namespace} ${MetricName}, of ${MetricValue}`;
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
