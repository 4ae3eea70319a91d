import { describe, expect, it } from 'vitest';
import { type AuthorizerParts, createAuthorizer } from '../../../src/authorizer/authorizer.ts';
import { createDecisionLog } from '../../../src/authorizer/observe/decision-log.ts';
import { deny } from '../../../src/decision.ts';
import { Fault } from '../../../src/fault.ts';

const NOW_MS = 1_795_508_130_000;
const KEY_FORMS = { keyPrefix: 'gp', environment: 'live', importedPrefixes: [] } as const;

/** An authorizer whose parts decide as they are told to, and what it logged. */
function start(parts: Partial<AuthorizerParts>) {
  const lines: string[] = [];
  const authorize = createAuthorizer({
    authenticateApiKey: async () => deny('api_key.unknown'),
    authenticateBearer: async () => deny('token.expired'),
    keyForms: KEY_FORMS,
    policyConditions: 'on',
    log: createDecisionLog(
      (line) => lines.push(line),
      () => NOW_MS,
    ),
    now: () => NOW_MS,
    ...parts,
  });
  return {
    decide: (authorization: string | undefined, method = 'GET') =>
      authorize(eventWith(authorization, method), NOW_MS + 5000),
    reasons: () => lines.map((line) => JSON.parse(line).reason),
  };
}

function eventWith(authorization: string | undefined, method: string) {
  return {
    type: 'REQUEST',
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/prod/${method}/tasks`,
    headers: authorization === undefined ? {} : { Authorization: authorization },
    requestContext: { requestId: 'r-1', identity: { sourceIp: '192.0.2.10' } },
  };
}

describe('what goes wrong while a request is decided', () => {
  // API Gateway answers 401 to an error of this message, where a fault must be 503.
  const unauthorized = Object.assign(new Error('Unauthorized'), { name: 'Unauthorized' });

  it.each([
    ['a key', 'gp_live_x', { authenticateApiKey: () => Promise.reject(unauthorized) }],
    ['a token', 'Bearer a.b.c', { authenticateBearer: () => Promise.reject(unauthorized) }],
  ] as const)('leaves as a fault with its cause, never as itself: for %s', async (_, authorization, parts) => {
    const { decide, reasons } = start(parts);
    const thrown: unknown = await decide(authorization).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(Fault);
    expect(thrown).toMatchObject({ name: 'Fault', reason: 'fault.unexpected', cause: unauthorized });
    expect(String(thrown)).not.toContain('Unauthorized');
    expect(reasons()).toEqual(['fault.unexpected']);
  });

  it('leaves as it is when it is a fault', async () => {
    const fault = new Fault('fault.table', 'The table could not be read.');
    const { decide, reasons } = start({ authenticateApiKey: () => Promise.reject(fault) });
    await expect(decide('gp_live_x')).rejects.toBe(fault);
    expect(reasons()).toEqual(['fault.table']);
  });
});

describe('an OPTIONS request', () => {
  it('without an Authorization header is a preflight', async () => {
    const { decide, reasons } = start({});
    await decide(undefined, 'OPTIONS');
    expect(reasons()).toEqual(['preflight']);
  });

  it.each(['', ' ', '\t', 'Bearer', 'Bearer '])(
    'with a blank header is none: what is answered may be kept for that header (%j)',
    async (authorization) => {
      const { decide, reasons } = start({});
      const { policyDocument } = await decide(authorization, 'OPTIONS');
      expect(reasons()).toEqual(['credentials.empty']);
      expect(policyDocument.Statement[0]?.Effect).toBe('Deny');
    },
  );
});
