import * as v from 'valibot';

const logLineSchema = v.looseObject({
  outcome: v.picklist(['allow', 'deny', 'preflight', 'fault']),
  reason: v.string(),
  requestId: v.string(),
  tableRequests: v.number(),
  kid: v.optional(v.string()),
});

/** The decision log line, as far as the tests look at it. */
export type LogLine = v.InferOutput<typeof logLineSchema>;

/** The line on one request in all that a function has written, if it is there and whole. */
export function readLogLine(output: string, requestId: string): LogLine | undefined {
  const whole = output.split('\n').slice(0, -1);
  const line = whole.find((text) => text.includes(requestId));
  return line === undefined ? undefined : v.parse(logLineSchema, JSON.parse(line));
}
