import type { Answer, Call, Client } from './client.ts';
import type { Target } from './target.ts';

/** One row of the contract. */
export interface Check {
  /** A guarantee, as a sentence. */
  readonly name: string;
  /** What is found where it holds. */
  readonly expected: string;
  readonly run: (smoke: Smoke) => Promise<Outcome> | Outcome;
}

export type Outcome = Finding | { readonly result: 'skipped'; readonly why: string };

/**
 * What a stage does with a statement that has a condition.
 *
 * - `evaluated`: each request is judged by it, on a cached result too.
 * - `ignored`: a Deny holds at once, whatever its condition says.
 * - `absent`: nothing denies. The policy has no such statement, or the platform passes over it.
 */
export type Evidence = 'evaluated' | 'ignored' | 'absent';

export interface Finding {
  readonly result: 'pass' | 'fail';
  readonly found: string;
  /** What it shows of the statements of a policy that say until when it holds. */
  readonly dated?: Evidence | undefined;
  /** What it shows of the statements of a policy that say from which networks it holds. */
  readonly networks?: Evidence | undefined;
}

export interface Time {
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What a check works with. Its time is that of the stage. */
export interface Smoke extends Time {
  readonly target: Target;
  readonly client: Client;
  /** Tells whoever waits what is waited for. */
  readonly progress: (text: string) => void;
}

export function pass(found: string): Finding {
  return { result: 'pass', found };
}

export function fail(found: string): Finding {
  return { result: 'fail', found };
}

export function skip(why: string): Outcome {
  return { result: 'skipped', why };
}

/** The outcome of a look for differences: none, and it passes. */
export function findingOf(answer: Answer, differences: readonly string[]): Finding {
  const found = [describeAnswer(answer), ...differences].join(', ');
  return differences.length === 0 ? pass(found) : fail(found);
}

/** Sends `GET` to the protected route with these `Authorization` values, each in a header of its own. */
export function get({ client, target }: Smoke, ...authorization: readonly string[]): Promise<Answer> {
  return client(callOf({ method: 'GET', path: target.path }, ...authorization));
}

export function callOf(route: Omit<Call, 'headers'>, ...authorization: readonly string[]): Call {
  return { ...route, headers: authorization.map((value) => ['Authorization', value] as const) };
}

export function isAllowed({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

/** Whether it is a refusal at all, and no fault: its status is API Gateway's own, or the gateway response's. */
export function isRefused({ status }: Answer): boolean {
  return status === 401 || status === 403;
}

const MAX_TEXT = 60;

/** An answer in few words: its status, and what its body calls the error. Other bodies aren't shown. */
export function describeAnswer({ status, body }: Answer): string {
  const { error, message, Message } = parseObject(body);
  const texts = [error, message ?? Message].filter((text) => typeof text === 'string');
  const [text] = texts.map((one) => (one.length > MAX_TEXT ? `${one.slice(0, MAX_TEXT)}…` : one));
  return `${status}${text === undefined ? '' : ` ${text}`}`;
}

/** A body that isn't a JSON object has no properties. */
export function parseObject(body: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
