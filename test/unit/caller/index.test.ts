import { describe, expect, it } from 'vitest';
import { renderResult } from '../../../src/authorizer/gateway/policy.ts';
import { getCaller } from '../../../src/caller/index.ts';
import { allow, type Principal } from '../../../src/decision.ts';

const KEY_CONTEXT = {
  userId: 'user-42',
  email: 'ada@example.com',
  firstName: 'Ada',
  lastName: 'Lovelace',
  authMethod: 'api_key',
  apiKeyId: 'key-1',
  environment: 'live',
  scope: 'reports:read',
  roles: '["editor","viewer"]',
};

/** The event of a backend behind a REST API, an HTTP API with payload 1.0 or a WebSocket API. */
function eventOf(authorizer: unknown): unknown {
  return { requestContext: { authorizer } };
}

describe('the caller', () => {
  it('is read from an event of a REST API, without what API Gateway and Gatepass keep there for themselves', () => {
    const own = {
      principalId: 'user-42',
      integrationLatency: 12,
      denyError: 'invalid_api_key',
      denyMessage: 'Invalid',
    };
    expect(getCaller(eventOf({ ...KEY_CONTEXT, ...own }))).toStrictEqual({
      ...KEY_CONTEXT,
      roles: ['editor', 'viewer'],
    });
  });

  it('is read from an event of an HTTP API with payload 2.0', () => {
    expect(getCaller(eventOf({ lambda: KEY_CONTEXT }))).toStrictEqual({ ...KEY_CONTEXT, roles: ['editor', 'viewer'] });
  });

  it.each<Principal>([
    {
      userId: 'user-42',
      authMethod: 'api_key',
      apiKeyId: 'key-1',
      environment: 'live',
      scope: 'a b',
      roles: ['editor'],
      email: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
    },
    { userId: 'user-42', authMethod: 'bearer', clientId: 'demo-web', roles: ['a"b', 'Zoë'], validUntil: 1_795_508_130 },
  ])('is whoever the authorizer let in: by $authMethod', (principal) => {
    const { context } = renderResult(allow(principal), {
      stageArn: 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod',
      method: 'GET',
      authorization: [],
      sourceIpKey: 'aws:SourceIp',
      sourceIp: undefined,
      requestId: undefined,
    });
    const { validUntil: _, ...expected } = principal;
    expect(getCaller(eventOf(context))).toStrictEqual(expected);
  });

  it('needs no more than an id and a method, and has no roles then', () => {
    expect(getCaller(eventOf({ userId: 'u', authMethod: 'bearer' }))).toStrictEqual({
      userId: 'u',
      authMethod: 'bearer',
      roles: [],
    });
  });

  it.each([undefined, '', 'editor', '{"0":"editor"}', '"editor"', 'null', '5', '["editor"', ['editor'], 5])(
    'has no roles where they are %j',
    (roles) => {
      expect(getCaller(eventOf({ ...KEY_CONTEXT, roles }))?.roles).toStrictEqual([]);
    },
  );

  it('has of its roles those that are texts', () => {
    expect(getCaller(eventOf({ ...KEY_CONTEXT, roles: '["a",5,null,["b"],"c"]' }))?.roles).toStrictEqual(['a', 'c']);
  });

  it('has no control characters, be they in a text, in a role or escaped in one', () => {
    const context = { ...KEY_CONTEXT, userId: 'u\u0000', firstName: 'Ada\r\n', roles: '["a\\u0000b","\\n","c,d"]' };
    expect(getCaller(eventOf(context))).toMatchObject({ userId: 'u', firstName: 'Ada', roles: ['ab', 'c,d'] });
    expect(getCaller(eventOf({ ...KEY_CONTEXT, userId: '\u0000' }))).toBeUndefined();
  });

  it.each(['email', 'firstName', 'lastName', 'apiKeyId', 'environment', 'scope', 'clientId'])(
    'lacks %s where it is empty or no text',
    (name) => {
      for (const value of ['', 5, null, ['x'], undefined]) {
        expect(getCaller(eventOf({ ...KEY_CONTEXT, [name]: value }))).not.toHaveProperty(name);
      }
    },
  );
});

describe('there is no caller', () => {
  it.each([
    undefined,
    null,
    'event',
    [],
    {},
    { requestContext: null },
    { requestContext: {} },
    eventOf(null),
    eventOf({}),
    eventOf({ lambda: {} }),
    eventOf({ lambda: null }),
    eventOf({ principalId: 'user-42' }),
    eventOf({ claims: { sub: 'user-42' } }),
    { authorizer: KEY_CONTEXT },
    KEY_CONTEXT,
  ])('in %j', (event) => {
    expect(getCaller(event)).toBeUndefined();
  });

  it.each([undefined, '', 5, null, ['user-42']])('without a user id: %j', (userId) => {
    expect(getCaller(eventOf({ ...KEY_CONTEXT, userId }))).toBeUndefined();
  });

  it.each([undefined, '', 'none', 'API_KEY', 'basic', 5])('with the method %j', (authMethod) => {
    expect(getCaller(eventOf({ ...KEY_CONTEXT, authMethod }))).toBeUndefined();
  });

  it("in an HTTP API's context that names none, whatever stands beside it", () => {
    expect(getCaller(eventOf({ lambda: { userId: 'u' }, ...KEY_CONTEXT }))).toBeUndefined();
  });
});
