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

/**
 * An error for a log: its name and message. What an AWS service answers may repeat what was sent to it, so of such an
 * error only name, code and HTTP status are told. A time-out is no answer: the AWS SDK says itself which limit was hit.
 *
 * @param isOfAws by default, whether the AWS SDK's $metadata of a request is on it.
 */
export function errorText(
  error: Error & { readonly code?: unknown; readonly $metadata?: unknown },
  isOfAws = error.$metadata !== undefined,
): string {
  const { httpStatusCode: status } = (error.$metadata ?? {}) as { httpStatusCode?: unknown }; // the AWS SDK's
  const isTimeout = error.name === 'TimeoutError' && status === undefined;
  if (!isOfAws || isTimeout) return `${error.name}: ${error.message}`;
  const details = [error.code, status && `status ${status}`].filter((detail) => typeof detail === 'string');
  return details.length === 0 ? error.name : `${error.name} (${details.join(', ')})`;
}
