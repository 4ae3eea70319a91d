import { readFileSync } from 'node:fs';

const SAMPLE = readFileSync('events/bearer-valid.json', 'utf8');

/** What API Gateway hands over of a request with this `Authorization` header. */
export function eventWith(authorization: string): object {
  return JSON.parse(SAMPLE.replaceAll('Bearer {{ACCESS_TOKEN}}', authorization));
}

/** Whether a function's answer lets the request through. */
export function isAllowed(result: unknown): boolean {
  const { policyDocument } = (result ?? {}) as {
    policyDocument?: { Statement?: { Effect?: unknown; Resource?: unknown }[] };
  };
  return (
    policyDocument?.Statement?.some(
      ({ Effect, Resource }) =>
        Effect === 'Allow' && /\/\*$/.test(String(Resource)) && !/OPTIONS/.test(String(Resource)),
    ) ?? false
  );
}
