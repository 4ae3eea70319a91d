import { isDeepStrictEqual } from 'node:util';
import { ofType, type Resources } from '../resources.ts';
import type { Assertion } from './assertion.ts';

export interface AlarmProperties {
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
const CALLER_FAULTS = { Namespace: 'Gatepass/gatepass', MetricName: 'callerFaults' };

/** Each alarm on faults: what it counts, and by which expression. */
const FAULT_ALARMS = {
  FaultAlarm: {
    metrics: { errors: ERRORS, callerFaults: CALLER_FAULTS },
    expression: 'errors - FILL(callerFaults, 0)',
  },
  FaultShareAlarm: {
    metrics: { errors: ERRORS, decisions: INVOCATIONS },
    expression: 'IF(decisions >= 100, 100 * errors / decisions, 0)',
  },
};

/** What must hold of the alarms. */
export const ALARM_ASSERTIONS = {
  'alarms-present': {
    holds: "Alarms tell of faults that callers didn't bring about, and of a share of faults; silence isn't one.",
    *faults(resources) {
      const alarms = new Map(ofType<AlarmProperties>(resources, 'AWS::CloudWatch::Alarm'));
      for (const [name, { metrics, expression }] of Object.entries(FAULT_ALARMS)) {
        const { Metrics = [], TreatMissingData } = alarms.get(name) ?? {};
        const counted = Metrics.filter(({ MetricStat }) => MetricStat?.Stat === 'Sum').map(({ Id, MetricStat }) => [
          Id,
          MetricStat?.Metric,
        ]);
        if (!isDeepStrictEqual(Object.fromEntries(counted), metrics)) yield `${name} counts ${JSON.stringify(counted)}`;
        const expressions = Metrics.flatMap(({ Expression }) => Expression ?? []);
        if (expressions.join() !== expression) yield `${name} reckons ${expressions.join() || 'nothing'}`;
        if (TreatMissingData !== 'notBreaching') yield `${name} takes silence as ${TreatMissingData}`;
      }
    },
  },
  'caller-faults-counted': {
    holds: "The faults that callers bring about are counted from this stack's own log, by their level.",
    *faults(resources) {
      const [[, filter] = []] = ofType<FilterProperties>(resources, 'AWS::Logs::MetricFilter');
      const { LogGroupName, FilterPattern, MetricTransformations = [] } = filter ?? {};
      if (LogGroupName !== `\${AuthorizerLogGroup}`) yield `the log group is ${LogGroupName}`;
      if (FilterPattern !== '{ $.outcome = "fault" && $.level = "WARN" }') yield `the pattern is ${FilterPattern}`;
      const [{ MetricNamespace: Namespace, MetricName, MetricValue } = {}] = MetricTransformations;
      if (!isDeepStrictEqual({ Namespace, MetricName }, CALLER_FAULTS) || MetricValue !== '1') {
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
