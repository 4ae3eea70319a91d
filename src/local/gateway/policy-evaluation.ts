import * as v from 'valibot';
import { isInside } from '../../networks.ts';

const strings = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((one) => [one].flat()),
);

const everyone = v.union([v.literal('*'), v.strictObject({ AWS: v.literal('*') })]);

const statementSchema = v.strictObject({
  Sid: v.optional(v.string()),
  /** Of a resource policy. A caller of an API with an authorizer of its own is nobody in particular to IAM. */
  Principal: v.optional(everyone),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: strings,
  Resource: strings,
  Condition: v.optional(v.record(v.string(), v.record(v.string(), strings)), {}),
});

/** What can be judged here. Anything else in a policy makes it unreadable, rather than be guessed at. */
export const policySchema = v.strictObject({
  Id: v.optional(v.string()),
  Version: v.optional(v.string()),
  Statement: v.pipe(
    v.union([statementSchema, v.array(statementSchema)]),
    v.transform((one) => [one].flat()),
  ),
});

export type Policy = v.InferOutput<typeof policySchema>;
type Statement = v.InferOutput<typeof statementSchema>;

/** What a policy is judged by, at the moment of a request. */
export interface PolicyRequest {
  readonly methodArn: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly sourceIp: string;
  /** Whether it came through a VPC endpoint, to a private API. */
  readonly isPrivate?: boolean;
}

export type Effect = 'allow' | 'explicit_deny' | 'silence';

/**
 * Judges a request by a policy: an explicit Deny wins over any Allow, and what no statement matches is silence.
 *
 * @throws Error for a condition that isn't known here, rather than a guess at it.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluatePolicy({ Statement: statements }: Policy, request: PolicyRequest): Effect {
  const matching = statements.filter((statement) => applies(statement, request));
  if (matching.some(({ Effect: effect }) => effect === 'Deny')) return 'explicit_deny';
  return matching.length > 0 ? 'allow' : 'silence';
}

/** @throws Error for a policy with a condition that isn't known here. */
export function assertKnown({ Statement: statements }: Policy): void {
  const request = { methodArn: '', now: 0, sourceIp: '' };
  for (const { Condition: conditions } of statements) {
    for (const [operator, keys] of Object.entries(conditions)) {
      for (const [key, values] of Object.entries(keys)) holds(operator, key, values, request);
    }
  }
}

/**
 * Joins an authorizer's verdict with that of the API's resource policy, for callers of the same account.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html (table A)
 */
export function joinVerdicts(authorizer: Effect, resourcePolicy: Effect): Effect {
  if (authorizer === 'explicit_deny' || resourcePolicy === 'explicit_deny') return 'explicit_deny';
  return authorizer === 'allow' || resourcePolicy === 'allow' ? 'allow' : 'silence';
}

function applies({ Action: actions, Resource: resources, Condition: conditions }: Statement, request: PolicyRequest) {
  return (
    actions.some((action) => matchesWildcard(action.toLowerCase(), 'execute-api:invoke')) &&
    resources.some((resource) => matchesWildcard(expand(resource, request.methodArn), request.methodArn)) &&
    Object.entries(conditions).every(([operator, keys]) =>
      Object.entries(keys).every(([key, values]) => holds(operator, key, values, request)),
    )
  );
}

/** A resource policy may say `execute-api:/stage/…` for its own API. */
function expand(resource: string, methodArn: string): string {
  if (!resource.startsWith('execute-api:/')) return resource;
  return methodArn.slice(0, methodArn.indexOf('/') + 1) + resource.slice('execute-api:/'.length);
}

/**
 * `*` stands for any characters, slashes among them, and `?` for one.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}

/**
 * One condition on one key. A negated operator holds for a key that the request doesn't have.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
function holds(operator: string, key: string, values: readonly string[], request: PolicyRequest): boolean {
  switch (operator) {
    case 'DateLessThan':
      return values.some((value) => momentOf(key, request) < parseDate(value));
    case 'DateGreaterThanEquals':
      return values.some((value) => momentOf(key, request) >= parseDate(value));
    case 'IpAddress':
      return isInside(addressOf(key, request), values);
    case 'NotIpAddress':
      return !isInside(addressOf(key, request), values);
    default:
      throw new Error(`The condition operator ${operator} is not known here.`);
  }
}

function parseDate(value: string): number {
  const moment = Date.parse(value);
  if (Number.isNaN(moment)) throw new Error(`${value} is not a date.`);
  return moment;
}

function momentOf(key: string, { now }: PolicyRequest): number {
  if (key.toLowerCase() === 'aws:currenttime') return now;
  throw new Error(`The condition key ${key} is not known here.`);
}

/** A private API has `aws:VpcSourceIp` and no `aws:SourceIp`, any other the reverse. */
function addressOf(key: string, { sourceIp, isPrivate = false }: PolicyRequest): string | undefined {
  switch (key.toLowerCase()) {
    case 'aws:sourceip':
      return isPrivate ? undefined : sourceIp;
    case 'aws:vpcsourceip':
      return isPrivate ? sourceIp : undefined;
    default:
      throw new Error(`The condition key ${key} is not known here.`);
  }
}
