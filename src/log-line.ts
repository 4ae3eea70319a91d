import { type Redact, redactCredentials } from './redact.ts';

export type Level = 'INFO' | 'WARN' | 'ERROR';

type Unit = 'Count' | 'Milliseconds';

/**
 * What CloudWatch makes of a line's fields: the `CloudWatchMetrics` of the embedded metric format, as JSON. The same for
 * every line, so it is serialised once.
 *
 * @param dimensions the sets of fields that each metric is split by.
 */
export function metricDirective(
  dimensions: readonly (readonly string[])[],
  units: Readonly<Record<string, Unit>>,
): string {
  const metrics = Object.entries(units).map(([Name, Unit]) => ({ Name, Unit }));
  return JSON.stringify([{ Namespace: 'Gatepass', Dimensions: dimensions, Metrics: metrics }]);
}

/**
 * One line of a function's log: JSON, which is its metrics too (CloudWatch's embedded metric format). No credential
 * reaches it, in whatever field it is.
 *
 * @param endedAt in epoch milliseconds.
 * @param entry has a field at least.
 * @param directive of `metricDirective`.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function logLine(
  level: Level,
  endedAt: number,
  entry: object,
  directive: string,
  redact: Redact = redactCredentials,
): string {
  const timestamp = new Date(endedAt).toISOString();
  const fields = redact(JSON.stringify(entry)).slice(1, -1);
  const metadata = `{"Timestamp":${endedAt},"CloudWatchMetrics":${directive}}`;
  return `{"level":"${level}","timestamp":"${timestamp}",${fields},"_aws":${metadata}}\n`;
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
