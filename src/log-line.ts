import { type Redact, redactCredentials } from './redact.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** What CloudWatch makes of a line's fields. */
interface MetricDirective {
  readonly Namespace: 'Gatepass';
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: Unit }[];
}

type Unit = 'Count' | 'Milliseconds';

/** @param dimensions the sets of fields that each metric is split by. */
export function metricDirective(
  dimensions: MetricDirective['Dimensions'],
  units: Readonly<Record<string, Unit>>,
): MetricDirective {
  const metrics = Object.entries(units).map(([Name, Unit]) => ({ Name, Unit }));
  return { Namespace: 'Gatepass', Dimensions: dimensions, Metrics: metrics };
}

/**
 * One line of a function's log: JSON, which is its metrics too (CloudWatch's embedded metric format). No credential
 * reaches it, in whatever field it is.
 *
 * @param endedAt in epoch milliseconds.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function logLine(
  level: Level,
  endedAt: number,
  entry: object,
  directive: MetricDirective,
  redact: Redact = redactCredentials,
): string {
  const timestamp = new Date(endedAt).toISOString();
  const metadata = { Timestamp: endedAt, CloudWatchMetrics: [directive] };
  return `${redact(JSON.stringify({ level, timestamp, ...entry, _aws: metadata }))}\n`;
}
