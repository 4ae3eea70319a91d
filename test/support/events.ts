import * as v from 'valibot';
import { type Case, readCases } from '../../src/local/cases.ts';

/** An event of `events/`, as API Gateway sends it. */
export type GatewayEvent = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /\{\{[A-Z0-9_]+\}\}/g;

const CASES = new Map(readCases().map((one) => [one.name, one]));

/** The names of all cases. */
export const CASE_NAMES: readonly string[] = [...CASES.keys()];

export function caseOf(name: string): Case {
  const found = CASES.get(name);
  if (found === undefined) throw new Error(`There is no case ${name} in events/cases.json.`);
  return found;
}

/** A case's event, with placeholders where credentials go. */
export function sampleEvent(name: string): GatewayEvent {
  return v.parse(v.record(v.string(), v.unknown()), JSON.parse(caseOf(name).text));
}

/** A case's event, with credentials, in their order there, where it has placeholders; the last repeats. */
export function loadEvent(name: string, ...credentials: readonly string[]): GatewayEvent {
  const { text } = caseOf(name);
  const names = [...new Set(text.match(PLACEHOLDER))];
  const fill = (placeholder: string) => credentials[Math.min(names.indexOf(placeholder), credentials.length - 1)] ?? '';
  return JSON.parse(text.replace(PLACEHOLDER, (placeholder) => JSON.stringify(fill(placeholder)).slice(1, -1)));
}

/** What API Gateway would judge a policy by on another route of the event's stage. */
export function arnOf(event: GatewayEvent, method: string, path: string): string {
  const arn = String(event['methodArn'] ?? event['routeArn']);
  return `${arn.split('/').slice(0, 2).join('/')}/${method}${path}`;
}
