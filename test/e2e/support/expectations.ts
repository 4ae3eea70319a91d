import { expect } from 'vitest';
import { AWS } from './environment.ts';
import type { Answer, LambdaFunction } from './function.ts';
import { STAGE_ARN } from './request.ts';

/** The contract's public answers. */
const MESSAGES = { invalid_api_key: 'Invalid or inactive API key', invalid_token: 'Invalid token payload' } as const;

type PublicError = keyof typeof MESSAGES;

interface ExpectedAllow {
  readonly reason: 'api_key.valid' | 'token.valid';
  /** All that the backend is told; the order of `scope` and of `roles` is not promised. */
  readonly context: { readonly userId: string; readonly [name: string]: string | readonly string[] };
  /** The end, in epoch seconds, and what to answer from then on. */
  readonly until?: { readonly end: number; readonly error: PublicError };
}

export function expectAllowed({ result, error, log }: Answer, { reason, context, until }: ExpectedAllow): void {
  expect({ error, outcome: log.outcome, reason: log.reason }).toEqual({ error: undefined, outcome: 'allow', reason });
  const denial = until && { denyError: until.error, denyMessage: MESSAGES[until.error] };
  expect(result && unordered(result.context)).toEqual({ ...unordered(context), ...denial });
  expect(result?.principalId).toBe(context.userId);

  const stage = { Action: 'execute-api:Invoke', Resource: `${STAGE_ARN}/*` };
  const end = until && { 'aws:CurrentTime': new Date(until.end * 1000).toISOString().replace('.000Z', 'Z') };
  expect(result?.policyDocument.Statement).toEqual(
    end === undefined
      ? [{ ...stage, Effect: 'Allow' }]
      : [
          { ...stage, Effect: 'Allow', Condition: { DateLessThan: end } },
          { ...stage, Effect: 'Deny', Condition: { DateGreaterThanEquals: end } },
        ],
  );
}

/** A refusal: an explicit Deny, the public answer, and nothing that tells them apart but the reason in the log. */
export function expectRefused({ result, error, log }: Answer, reason: string, publicError: PublicError): void {
  expect({ error, outcome: log.outcome, reason: log.reason }).toEqual({ error: undefined, outcome: 'deny', reason });
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${STAGE_ARN}/${method}/*`);
  expect(result).toEqual({
    principalId: 'anonymous',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Action: 'execute-api:Invoke', Effect: 'Deny', Resource: methods },
        { Action: 'execute-api:Invoke', Effect: 'Allow', Resource: `${STAGE_ARN}/OPTIONS/*` },
      ],
    },
    context: { denyError: publicError, denyMessage: MESSAGES[publicError] },
  });
}

/** A fault: thrown in time, and no policy at all. */
export function expectFault({ result, error, log, durationMs }: Answer, reason: string): void {
  expect({ result, outcome: log.outcome, reason: log.reason }).toEqual({ result: undefined, outcome: 'fault', reason });
  expect(error).toMatch(/^Fault: /);
  expect(durationMs).toBeLessThan(5000);
}

/** Neither a credential nor the part of one that proves anything is in what the functions have written. */
export function expectNoCredentialIn(functions: readonly LambdaFunction[]): void {
  const presented = functions.flatMap((one) => one.presented()).map((value) => value.replace(/^Bearer /, ''));
  const parts = [...presented, AWS.AWS_SECRET_ACCESS_KEY].flatMap((value) => [value, ...value.split(/[._]/).slice(1)]);
  const secrets = parts.filter((part) => part.length >= 16 && !isKeyId(part));
  const written = functions.map((one) => one.output()).join('');
  expect(presented.length).toBeGreaterThan(0);
  expect(written.split('\n').length).toBeGreaterThan(presented.length);
  const leaked = secrets.filter((secret) => written.includes(secret));
  expect(leaked.map((secret) => `${secret.slice(0, 4)}…`)).toEqual([]);
}

/** The public part of a key, which the log names on purpose. */
function isKeyId(part: string): boolean {
  return /^[0-9A-Za-z]{28}$/.test(part);
}

function unordered(context: Readonly<Record<string, string | readonly string[]>> = {}): Record<string, unknown> {
  const { roles, scope, ...rest } = context;
  const names: unknown = typeof roles === 'string' ? JSON.parse(roles) : roles;
  return {
    ...rest,
    ...(Array.isArray(names) && { roles: names.toSorted() }),
    ...(typeof scope === 'string' && { scope: scope.split(' ').sort() }),
  };
}
