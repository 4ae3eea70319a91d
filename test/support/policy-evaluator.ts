import { BlockList, isIP } from 'node:net';
import type { PolicyDocument, Statement } from 'aws-lambda';

/**
 * Judges a policy as AWS documents it, without knowing how ours are made. What our policies don't use (`NotAction`,
 * `NotResource`, policy variables, other operators) is an error rather than a guess.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export type Verdict = 'allow' | 'explicit deny' | 'implicit deny';

/** A request to the API, as far as a policy can see it. */
export interface JudgedRequest {
  readonly arn: string;
  /** In epoch milliseconds. */
  readonly now: number;
  /** `aws:SourceIp`: absent on a private API. */
  readonly sourceIp?: string | undefined;
  /** `aws:VpcSourceIp`: present only for requests through a VPC endpoint. */
  readonly vpcSourceIp?: string | undefined;
}

/** An explicit deny overrides any allow, and what nothing allows is denied by default. */
export function judge(policy: PolicyDocument, request: JudgedRequest): Verdict {
  if (policy.Version !== '2012-10-17') throw new Error(`Unknown policy version ${policy.Version}`);
  const applying = policy.Statement.filter((statement) => applies(statement, request));
  if (applying.some(({ Effect }) => Effect === 'Deny')) return 'explicit deny';
  return applying.some(({ Effect }) => Effect === 'Allow') ? 'allow' : 'implicit deny';
}

function applies(statement: Statement, request: JudgedRequest): boolean {
  if (!('Action' in statement && 'Resource' in statement))
    throw new Error('NotAction and NotResource are not modelled');
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')
    throw new Error(`Unknown effect ${statement.Effect}`);
  const actions = toArray(statement.Action);
  const resources = toArray(statement.Resource);
  return (
    actions.some((action) => matches(action.toLowerCase(), 'execute-api:invoke')) &&
    resources.some((resource) => matches(resource, request.arn)) &&
    conditionHolds(statement.Condition ?? {}, request)
  );
}

/** `*` stands for any characters, also none and also slashes; `?` for exactly one. All else is literal, case included. */
function matches(pattern: string, text: string): boolean {
  if (pattern.includes('${')) throw new Error('Policy variables are not modelled');
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (character) => {
    if (character === '*') return '[^]*';
    return character === '?' ? '[^]' : `\\${character}`;
  });
  return new RegExp(`^${source}$`).test(text);
}

/** All operators and all their keys must hold (AND); of several values of one key, one (OR), or none if negated (NOR). */
function conditionHolds(condition: object, request: JudgedRequest): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(Object(keys)).every(([key, values]) =>
      holds(operator, [values].flat().map(String), contextValue(key, request)),
    ),
  );
}

function holds(operator: string, values: readonly string[], actual: string | undefined): boolean {
  switch (operator) {
    case 'DateLessThan':
      return actual !== undefined && values.some((value) => Date.parse(actual) < parseDate(value));
    case 'DateGreaterThanEquals':
      return actual !== undefined && values.some((value) => Date.parse(actual) >= parseDate(value));
    case 'NotIpAddress':
      // A negated operator is true when the key is not in the request at all.
      return actual === undefined || !values.some((value) => isInNetwork(actual, value));
    default:
      throw new Error(`The condition operator ${operator} is not modelled`);
  }
}

function contextValue(key: string, { now, sourceIp, vpcSourceIp }: JudgedRequest): string | undefined {
  switch (key.toLowerCase()) {
    case 'aws:currenttime':
      return new Date(now).toISOString();
    case 'aws:sourceip':
      return sourceIp;
    case 'aws:vpcsourceip':
      return vpcSourceIp;
    default:
      throw new Error(`The condition key ${key} is not modelled`);
  }
}

/** The W3C's profile of ISO 8601, to the second, in UTC: the form of AWS's own examples. */
function parseDate(value: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) throw new Error(`${value} is not a date that IAM reads`);
  return Date.parse(value);
}

function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  const family = isIP(base) === 6 ? 'ipv6' : 'ipv4';
  const list = new BlockList();
  list.addSubnet(base, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function toArray(value: string | readonly string[] | undefined): readonly string[] {
  return typeof value === 'string' ? [value] : (value ?? []);
}
