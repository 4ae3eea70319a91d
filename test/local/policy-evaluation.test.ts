import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import {
  type Effect,
  evaluatePolicy,
  joinVerdicts,
  matchesWildcard,
  type PolicyRequest,
  policySchema,
} from '../../src/local/gateway/policy-evaluation.ts';
import { answering, bodyOf, createClient } from './support/client.ts';
import { allowing, denying, policyOf, STAGE_ARN, statement } from './support/results.ts';

const REQUEST: PolicyRequest = {
  methodArn: `${STAGE_ARN}/GET/api/v1/whoami`,
  now: Date.parse('2026-11-24T08:15:30Z'),
  sourceIp: '192.0.2.10',
};

function read(...statements: readonly object[]) {
  return v.parse(policySchema, policyOf(...statements));
}

function evaluate(statements: readonly object[], request: Partial<PolicyRequest> = {}): Effect {
  return evaluatePolicy(read(...statements), { ...REQUEST, ...request });
}

const ALL = `${STAGE_ARN}/*`;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
describe('a policy', () => {
  it.each<[Effect, string, readonly object[]]>([
    ['allow', 'an Allow', [statement('Allow', ALL)]],
    ['explicit_deny', 'a Deny', [statement('Deny', ALL)]],
    ['explicit_deny', 'a Deny after an Allow', [statement('Allow', ALL), statement('Deny', ALL)]],
    ['explicit_deny', 'a Deny before an Allow', [statement('Deny', ALL), statement('Allow', ALL)]],
    ['allow', 'a Deny of another method', [statement('Deny', `${STAGE_ARN}/POST/*`), statement('Allow', ALL)]],
    ['silence', 'an Allow of another method', [statement('Allow', `${STAGE_ARN}/POST/*`)]],
    ['silence', 'no statement', []],
    ['silence', 'another action', [{ ...statement('Allow', ALL), Action: 'execute-api:ManageConnections' }]],
    ['allow', 'any action', [{ ...statement('Allow', ALL), Action: '*' }]],
    ['allow', 'one action of several', [{ ...statement('Allow', ALL), Action: ['s3:GetObject', 'execute-api:*'] }]],
    ['allow', 'one resource of several', [statement('Allow', [`${STAGE_ARN}/POST/*`, `${STAGE_ARN}/GET/*`])]],
    ['silence', 'none of several resources', [statement('Allow', [`${STAGE_ARN}/POST/*`, `${STAGE_ARN}/PUT/*`])]],
    ['silence', 'another stage', [statement('Allow', ALL.replace('/prod/', '/test/'))]],
  ])('is %s by %s', (effect, _, statements) => {
    expect(evaluate(statements)).toBe(effect);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
describe('a wildcard', () => {
  it.each([
    ['arn:*/prod/*', `${STAGE_ARN}/GET/a/b/c`, true],
    [`${STAGE_ARN}/*/whoami`, `${STAGE_ARN}/GET/api/v1/whoami`, true],
    [`${STAGE_ARN}/*`, `${STAGE_ARN}/`, true],
    [`${STAGE_ARN}/*`, STAGE_ARN, false],
    [`${STAGE_ARN}/G?T/x`, `${STAGE_ARN}/GET/x`, true],
    [`${STAGE_ARN}/G?T/x`, `${STAGE_ARN}/GT/x`, false],
    [`${STAGE_ARN}/GET?x`, `${STAGE_ARN}/GET/x`, true],
    [`${STAGE_ARN}/GET/x`, `${STAGE_ARN}/GET/xy`, false],
    [`${STAGE_ARN}/GET/x`, `${STAGE_ARN}/get/x`, false],
    [`${STAGE_ARN}/GET/a.b`, `${STAGE_ARN}/GET/aXb`, false],
    [`${STAGE_ARN}/GET/[a](b)+$`, `${STAGE_ARN}/GET/[a](b)+$`, true],
    ['*', '', true],
    ['a*', 'a\nb', true],
  ])('%s to %s: %s', (pattern, text, matches) => {
    expect(matchesWildcard(pattern, text)).toBe(matches);
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
describe('a condition on aws:CurrentTime', () => {
  const END = '2026-11-24T08:15:30Z';
  const before = { now: Date.parse(END) - 1 };
  const at = { now: Date.parse(END) };
  const until = statement('Allow', ALL, { DateLessThan: { 'aws:CurrentTime': END } });
  const from = statement('Deny', ALL, { DateGreaterThanEquals: { 'aws:CurrentTime': END } });

  it('DateLessThan holds up to the moment, and not at it', () => {
    expect(evaluate([until], before)).toBe('allow');
    expect(evaluate([until], at)).toBe('silence');
  });

  it('DateGreaterThanEquals holds from the moment on', () => {
    expect(evaluate([from], before)).toBe('silence');
    expect(evaluate([from], at)).toBe('explicit_deny');
  });

  it('the two of one moment leave no gap and no overlap', () => {
    expect(evaluate([until, from], before)).toBe('allow');
    expect(evaluate([until, from], at)).toBe('explicit_deny');
  });

  it('names its key in any case', () => {
    expect(evaluate([statement('Allow', ALL, { DateLessThan: { 'AWS:currenttime': END } })], before)).toBe('allow');
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
describe('a condition on an address', () => {
  const NETWORKS = ['192.0.2.0/24', '203.0.113.7', '2001:db8::/32'];
  const inside = statement('Allow', ALL, { IpAddress: { 'aws:SourceIp': NETWORKS } });
  const outside = statement('Deny', ALL, { NotIpAddress: { 'aws:SourceIp': NETWORKS } });

  it.each([
    ['192.0.2.0', true],
    ['192.0.2.255', true],
    ['192.0.1.255', false],
    ['192.0.3.0', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    ['2001:db8::', true],
    ['2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', true],
    ['2001:DB8:0:0:0:0:0:1', true],
    ['2001:db9::', false],
    ['::1', false],
  ])('%s is one of several networks, of IPv4 and IPv6: %s', (sourceIp, isInside) => {
    expect(evaluate([inside], { sourceIp })).toBe(isInside ? 'allow' : 'silence');
    expect(evaluate([outside], { sourceIp })).toBe(isInside ? 'silence' : 'explicit_deny');
  });

  it('of one network alone, as a text', () => {
    const one = statement('Allow', ALL, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } });
    expect(evaluate([one])).toBe('allow');
  });

  it('negated holds for a key that the request lacks, and unnegated does not', () => {
    for (const key of ['aws:VpcSourceIp', 'aws:SourceIp']) {
      const request = { isPrivate: key === 'aws:SourceIp' };
      expect(evaluate([statement('Deny', ALL, { NotIpAddress: { [key]: '0.0.0.0/0' } })], request)).toBe(
        'explicit_deny',
      );
      expect(evaluate([statement('Allow', ALL, { IpAddress: { [key]: '0.0.0.0/0' } })], request)).toBe('silence');
    }
  });

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpcsourceip
  it('is aws:VpcSourceIp on a private API', () => {
    const ownNetwork = [statement('Allow', ALL, { IpAddress: { 'aws:VpcSourceIp': '10.0.0.0/16' } })];
    expect(evaluate(ownNetwork, { sourceIp: '10.0.3.17', isPrivate: true })).toBe('allow');
    expect(evaluate(ownNetwork, { sourceIp: '10.1.3.17', isPrivate: true })).toBe('silence');
    expect(evaluate(ownNetwork, { sourceIp: '10.0.3.17' })).toBe('silence');
  });
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
describe('conditions', () => {
  const later = { DateGreaterThanEquals: { 'aws:CurrentTime': '2026-11-24T08:15:30Z' } };
  const elsewhere = { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };

  it('of one statement must all hold', () => {
    expect(evaluate([statement('Deny', ALL, { ...later, ...elsewhere })])).toBe('silence');
    expect(evaluate([statement('Deny', ALL, { ...later, ...elsewhere })], { sourceIp: '::1' })).toBe('explicit_deny');
  });

  it('of two statements stand alone', () => {
    expect(evaluate([statement('Deny', ALL, later), statement('Deny', ALL, elsewhere)])).toBe('explicit_deny');
  });

  it.each([
    { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
    { IpAddress: { 'aws:Referer': '192.0.2.0/24' } },
    { DateLessThan: { 'aws:TokenIssueTime': '2026-11-24T08:15:30Z' } },
  ])('that are not known here are an error and no guess: %o', (condition) => {
    expect(() => evaluate([statement('Allow', ALL, condition)])).toThrow('is not known here');
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html (table A)
describe('an authorizer beside a resource policy', () => {
  const TABLE_A: readonly (readonly [authorizer: Effect, resourcePolicy: Effect, result: Effect])[] = [
    ['allow', 'allow', 'allow'],
    ['allow', 'silence', 'allow'],
    ['allow', 'explicit_deny', 'explicit_deny'],
    ['silence', 'allow', 'allow'],
    ['silence', 'silence', 'silence'],
    ['silence', 'explicit_deny', 'explicit_deny'],
    ['explicit_deny', 'allow', 'explicit_deny'],
    ['explicit_deny', 'silence', 'explicit_deny'],
    ['explicit_deny', 'explicit_deny', 'explicit_deny'],
  ];
  const ELSEWHERE = `${STAGE_ARN}/DELETE/other`;
  const RESOURCE_POLICIES: Readonly<Record<Effect, object>> = {
    allow: statement('Allow', 'execute-api:/*'),
    silence: statement('Allow', ELSEWHERE),
    explicit_deny: statement('Deny', 'execute-api:/prod/*'),
  };
  const RESULTS: Readonly<Record<Effect, object>> = {
    allow: allowing(),
    silence: allowing({ denyError: 'invalid_api_key' }, statement('Allow', ELSEWHERE)),
    explicit_deny: denying({ denyError: 'invalid_api_key' }),
  };

  it.each(TABLE_A)('%s and %s is %s', (authorizer, resourcePolicy, result) => {
    expect(joinVerdicts(authorizer, resourcePolicy)).toBe(result);
  });

  it.each(TABLE_A)('answers a request so: %s and %s is %s', async (authorizer, resourcePolicy, result) => {
    const client = createClient({
      invoke: answering(RESULTS[authorizer]),
      resourcePolicy: read(RESOURCE_POLICIES[resourcePolicy]),
    });
    for (const _ of ['called', 'cached']) {
      const response = await client.call('key');
      expect(response.status).toBe(result === 'allow' ? 200 : 401);
      if (resourcePolicy !== 'explicit_deny' && result !== 'allow') {
        expect(bodyOf(response)).toMatchObject({ error: 'invalid_api_key' });
      }
    }
    // "Before calling the Lambda authorizer, API Gateway first evaluates the policy and checks for any explicit denials."
    expect(client.events).toHaveLength(resourcePolicy === 'explicit_deny' ? 0 : 1);
  });

  it('is judged by the moment and the address of each request', async () => {
    const client = createClient({
      invoke: answering(allowing()),
      resourcePolicy: read(statement('Deny', 'execute-api:/*', { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } })),
    });
    expect((await client.call('key')).status).toBe(200);
    expect((await client.call('key', { sourceIp: '198.51.100.7' })).status).toBe(401);
  });

  it('does not open what has no identity', async () => {
    const client = createClient({ invoke: answering(allowing()), resourcePolicy: read(RESOURCE_POLICIES.allow) });
    expect((await client.send({})).status).toBe(401);
  });

  it('may name its own API by a full ARN too', () => {
    expect(evaluate([statement('Allow', `${STAGE_ARN}/GET/*`)])).toBe('allow');
    expect(evaluate([statement('Allow', 'execute-api:/prod/GET/*')])).toBe('allow');
    expect(evaluate([statement('Allow', 'execute-api:/test/*')])).toBe('silence');
  });
});
