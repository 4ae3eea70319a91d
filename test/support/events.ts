import { readFileSync } from 'node:fs';

/** An event of `events/`, as API Gateway sends it. */
export type GatewayEvent = Readonly<Record<string, unknown>>;

const EVENTS = new URL('../../events/', import.meta.url);
const PLACEHOLDER = /\{\{[A-Z0-9_]+\}\}/g;

/** Reads an event file and puts the credentials, in their order there, where it has placeholders; the last repeats. */
export function loadEvent(name: string, ...credentials: readonly string[]): GatewayEvent {
  const text = readFileSync(new URL(`${name}.json`, EVENTS), 'utf8');
  const names = [...new Set(text.match(PLACEHOLDER))];
  const fill = (placeholder: string) => credentials[Math.min(names.indexOf(placeholder), credentials.length - 1)] ?? '';
  return JSON.parse(text.replace(PLACEHOLDER, (placeholder) => JSON.stringify(fill(placeholder)).slice(1, -1)));
}

/** What API Gateway would judge a policy by on another route of the event's stage. */
export function arnOf(event: GatewayEvent, method: string, path: string): string {
  const arn = String(event['methodArn'] ?? event['routeArn']);
  return `${arn.split('/').slice(0, 2).join('/')}/${method}${path}`;
}
