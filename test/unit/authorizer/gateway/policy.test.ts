import { describe, expect, it } from 'vitest';
import type { AuthorizerRequest } from '../../../../src/authorizer/gateway/event.ts';
import { renderResult } from '../../../../src/authorizer/gateway/policy.ts';
import { allow, DENIALS, type DenialReason, deny, type Principal, PUBLIC_ANSWERS } from '../../../../src/decision.ts';

const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';

const REQUEST: AuthorizerRequest = {
  stageArn: STAGE,
  method: 'GET',
  authorization: ['gp_live_abc'],
  sourceIpKey: 'aws:SourceIp',
  sourceIp: '192.0.2.10',
  requestId: 'r-1',
};

const KEY_PRINCIPAL = {
  userId: 'user-42',
  authMethod: 'api_key',
  apiKeyId: 'key-1',
  environment: 'live',
} as const satisfies Principal;

const BEARER_PRINCIPAL = {
  userId: 'user-42',
  authMethod: 'bearer',
  validUntil: 1_795_508_130, // 2026-11-24T08:15:30Z
} as const satisfies Principal;

const DENIAL_REASONS = Object.keys(DENIALS).filter((reason): reason is DenialReason => reason in DENIALS);

function invoke(effect: 'Allow' | 'Deny', resource: string | string[], condition?: object) {
  return {
    Action: 'execute-api:Invoke',
    Effect: effect,
    Resource: resource,
    ...(condition && { Condition: condition }),
  };
}

function statementsOf(principal: Principal, request: AuthorizerRequest = REQUEST) {
  return renderResult(allow(principal), request).policyDocument.Statement;
}

function contextOf(principal: Principal) {
  return renderResult(allow(principal), REQUEST).context;
}

describe('an Allow', () => {
  it('that does not end covers the whole stage and nothing else', () => {
    expect(renderResult(allow(KEY_PRINCIPAL), REQUEST)).toStrictEqual({
      principalId: 'user-42',
      policyDocument: { Version: '2012-10-17', Statement: [invoke('Allow', `${STAGE}/*`)] },
      context: { userId: 'user-42', authMethod: 'api_key', apiKeyId: 'key-1', environment: 'live' },
    });
  });

  it('that ends is a dated Allow and a Deny from the same second on', () => {
    expect(renderResult(allow(BEARER_PRINCIPAL), REQUEST)).toStrictEqual({
      principalId: 'user-42',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          invoke('Allow', `${STAGE}/*`, { DateLessThan: { 'aws:CurrentTime': '2026-11-24T08:15:30Z' } }),
          invoke('Deny', `${STAGE}/*`, { DateGreaterThanEquals: { 'aws:CurrentTime': '2026-11-24T08:15:30Z' } }),
        ],
      },
      context: {
        userId: 'user-42',
        authMethod: 'bearer',
        denyError: 'invalid_token',
        denyMessage: 'Invalid token payload',
      },
    });
  });

  it.each([
    [0, '1970-01-01T00:00:00Z'],
    [1_795_508_129, '2026-11-24T08:15:29Z'],
    [253_402_300_799, '9999-12-31T23:59:59Z'],
  ])('names the end %i as %s', (validUntil, end) => {
    expect(statementsOf({ ...KEY_PRINCIPAL, validUntil })).toStrictEqual([
      invoke('Allow', `${STAGE}/*`, { DateLessThan: { 'aws:CurrentTime': end } }),
      invoke('Deny', `${STAGE}/*`, { DateGreaterThanEquals: { 'aws:CurrentTime': end } }),
    ]);
  });

  it('for a key with networks denies what comes from elsewhere', () => {
    const allowedNetworks = ['192.0.2.0/24', '2001:db8::/32'];
    const result = renderResult(allow({ ...KEY_PRINCIPAL, allowedNetworks }), REQUEST);
    expect(result.policyDocument.Statement).toStrictEqual([
      invoke('Allow', `${STAGE}/*`),
      invoke('Deny', `${STAGE}/*`, { NotIpAddress: { 'aws:SourceIp': allowedNetworks } }),
    ]);
    expect(result.context).toMatchObject({
      denyError: 'invalid_api_key',
      denyMessage: 'Invalid or inactive API key',
    });
  });

  it('for a key with networks judges the address in the VPC on a private API', () => {
    const allowedNetworks = ['10.0.0.0/16'];
    const privateRequest: AuthorizerRequest = { ...REQUEST, sourceIpKey: 'aws:VpcSourceIp' };
    expect(statementsOf({ ...KEY_PRINCIPAL, allowedNetworks }, privateRequest)).toStrictEqual([
      invoke('Allow', `${STAGE}/*`),
      invoke('Deny', `${STAGE}/*`, { NotIpAddress: { 'aws:VpcSourceIp': allowedNetworks } }),
    ]);
  });

  it('for a key with networks and an end has a Deny for either', () => {
    const end = '2026-11-24T08:15:30Z';
    const allowedNetworks = ['192.0.2.0/24'];
    expect(statementsOf({ ...KEY_PRINCIPAL, allowedNetworks, validUntil: 1_795_508_130 })).toStrictEqual([
      invoke('Allow', `${STAGE}/*`, { DateLessThan: { 'aws:CurrentTime': end } }),
      invoke('Deny', `${STAGE}/*`, { DateGreaterThanEquals: { 'aws:CurrentTime': end } }),
      invoke('Deny', `${STAGE}/*`, { NotIpAddress: { 'aws:SourceIp': allowedNetworks } }),
    ]);
  });

  it.each([BEARER_PRINCIPAL, { ...KEY_PRINCIPAL, validUntil: 1_795_508_130 }])(
    'has no end where policies have no conditions, and so nothing to answer later',
    (principal) => {
      const { policyDocument, context } = renderResult(allow(principal), REQUEST, 'off');
      expect(policyDocument.Statement).toStrictEqual([invoke('Allow', `${STAGE}/*`)]);
      expect(context).not.toHaveProperty('denyError');
    },
  );

  it('says nothing of the one request that it was made for, since it is cached for others', () => {
    const preflighted = { ...REQUEST, method: 'OPTIONS', authorization: [], sourceIp: undefined, requestId: undefined };
    expect(renderResult(allow(BEARER_PRINCIPAL), preflighted)).toStrictEqual(
      renderResult(allow(BEARER_PRINCIPAL), REQUEST),
    );
  });
});

describe('a refusal', () => {
  it('denies every method on the stage but OPTIONS, which it allows', () => {
    expect(renderResult(deny('api_key.expired'), REQUEST)).toStrictEqual({
      principalId: 'anonymous',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          invoke(
            'Deny',
            ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => `${STAGE}/${method}/*`),
          ),
          invoke('Allow', `${STAGE}/OPTIONS/*`),
        ],
      },
      context: { denyError: 'invalid_api_key', denyMessage: 'Invalid or inactive API key' },
    });
  });

  it('denies $connect and allows nothing on a WebSocket API', () => {
    expect(renderResult(deny('token.expired'), { ...REQUEST, method: '$connect' })).toStrictEqual({
      principalId: 'anonymous',
      policyDocument: { Version: '2012-10-17', Statement: [invoke('Deny', `${STAGE}/$connect`)] },
      context: { denyError: 'invalid_token', denyMessage: 'Invalid token payload' },
    });
  });

  it.each(DENIAL_REASONS)('for %s tells its public answer and no reason', (reason) => {
    const { error } = DENIALS[reason];
    expect(renderResult(deny(reason), REQUEST).context).toStrictEqual({
      denyError: error,
      denyMessage: PUBLIC_ANSWERS[error],
    });
  });

  it('is the same for an OPTIONS request as for any other', () => {
    expect(renderResult(deny('api_key.malformed'), { ...REQUEST, method: 'OPTIONS' })).toStrictEqual(
      renderResult(deny('api_key.malformed'), REQUEST),
    );
  });
});

describe('a preflight request', () => {
  it('is let through to OPTIONS and nothing else, as nobody', () => {
    expect(renderResult({ outcome: 'preflight' }, { ...REQUEST, method: 'OPTIONS', authorization: [] })).toStrictEqual({
      principalId: 'anonymous',
      policyDocument: { Version: '2012-10-17', Statement: [invoke('Allow', `${STAGE}/OPTIONS/*`)] },
    });
  });
});

describe('the user context', () => {
  const PERSON = {
    email: 'ada@example.com',
    firstName: 'Ada',
    lastName: 'Lovelace',
    scope: 'reports:read reports:write',
    roles: ['editor', 'viewer'],
  };
  const PERSON_CONTEXT = { ...PERSON, roles: '["editor","viewer"]' };

  it('of a key holds all that the contract names, as strings', () => {
    expect(contextOf({ ...KEY_PRINCIPAL, ...PERSON })).toStrictEqual({
      ...PERSON_CONTEXT,
      userId: 'user-42',
      authMethod: 'api_key',
      apiKeyId: 'key-1',
      environment: 'live',
    });
  });

  it('of a token holds all that the contract names, as strings', () => {
    expect(contextOf({ ...BEARER_PRINCIPAL, ...PERSON, clientId: 'demo-web' })).toStrictEqual({
      ...PERSON_CONTEXT,
      userId: 'user-42',
      authMethod: 'bearer',
      clientId: 'demo-web',
      denyError: 'invalid_token',
      denyMessage: 'Invalid token payload',
    });
  });

  it('leaves out what has no value', () => {
    const context = contextOf({
      ...KEY_PRINCIPAL,
      email: undefined,
      firstName: '',
      lastName: '\u0000\u007f',
      scope: '',
      roles: undefined,
    });
    expect(context).toStrictEqual({
      userId: 'user-42',
      authMethod: 'api_key',
      apiKeyId: 'key-1',
      environment: 'live',
    });
  });

  it.each([
    ['a line break', 'Ada\r\nX-Admin: yes', 'AdaX-Admin: yes'],
    ['the first and the last of C0', '\u0000a\u001f', 'a'],
    ['delete and C1', '\u007fa\u0080b\u009f', 'ab'],
    ['what stands just outside of both', '\u0020~\u00a0é', '\u0020~\u00a0é'],
    ['a character beyond the BMP', '👩🏽‍🔬\n', '👩🏽‍🔬'],
  ])('holds no control characters: %s', (_, firstName, expected) => {
    expect(contextOf({ ...KEY_PRINCIPAL, firstName })).toMatchObject({ firstName: expected });
  });

  it('keeps roles readable as JSON, whatever characters they hold', () => {
    const roles = ['a"b', 'back\\slash', 'é', 'a,b', 'a b'];
    const text = contextOf({ ...KEY_PRINCIPAL, roles })?.['roles'];
    expect(text).not.toMatch(/\p{Cc}/u);
    expect(JSON.parse(String(text))).toStrictEqual(roles);
  });

  it('holds no control characters in roles either, not even as an escape', () => {
    const roles = ['line\nbreak', '\u0000', 'a\u009f', 'plain'];
    const text = contextOf({ ...KEY_PRINCIPAL, roles })?.['roles'];
    expect(text).toBe('["linebreak","a","plain"]');
  });
});
