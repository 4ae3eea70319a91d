import { describe, expect, it } from 'vitest';
import { type AuthorizerRequest, readRequest } from '../../../../src/authorizer/gateway/event.ts';
import { CASE_NAMES, caseOf, sampleEvent } from '../../../support/events.ts';

const REST_STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';
const HTTP_STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:lsw1ro4ipb/$default';

/** A REST event with parts of it replaced; one set to undefined is left out. */
function restEvent(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const event = { ...sampleEvent('api-key-valid'), ...changes };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

function payload2Event(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...sampleEvent('http-payload-2-bearer'), identitySource: null, ...changes };
}

function eventFault(message: RegExp): unknown {
  return expect.objectContaining({
    name: 'Fault',
    reason: 'fault.event',
    message: expect.stringMatching(message),
  });
}

describe('a request', () => {
  it('is read from a REST API event', () => {
    expect(readRequest(sampleEvent('api-key-valid'))).toStrictEqual({
      stageArn: REST_STAGE,
      method: 'GET',
      authorization: ['{{API_KEY}}'],
      sourceIpKey: 'aws:SourceIp',
      sourceIp: '192.0.2.10',
      requestId: '4f6c1a52-7f0d-4d53-9a44-6b9a2f1e0c11',
    } satisfies AuthorizerRequest);
  });

  it('is read from an HTTP API event of payload 1.0', () => {
    expect(readRequest(sampleEvent('http-payload-1-api-key'))).toStrictEqual({
      stageArn: HTTP_STAGE,
      method: 'GET',
      authorization: ['{{API_KEY}}'],
      sourceIpKey: 'aws:SourceIp',
      sourceIp: '192.0.2.10',
      requestId: 'JKl0aFp1DoEEuXw=',
    } satisfies AuthorizerRequest);
  });

  it('is read from an HTTP API event of payload 2.0', () => {
    expect(readRequest(sampleEvent('http-payload-2-bearer'))).toStrictEqual({
      stageArn: HTTP_STAGE,
      method: 'GET',
      authorization: ['Bearer {{ACCESS_TOKEN}}'],
      sourceIpKey: 'aws:SourceIp',
      sourceIp: '192.0.2.10',
      requestId: 'JKl0aFp1DoEEuXw=',
    } satisfies AuthorizerRequest);
  });

  it('is read from a WebSocket API $connect event', () => {
    expect(readRequest(sampleEvent('websocket-connect-api-key'))).toStrictEqual({
      stageArn: 'arn:aws:execute-api:us-east-1:123456789012:abcdef123/default',
      method: '$connect',
      authorization: ['{{API_KEY}}'],
      sourceIpKey: 'aws:SourceIp',
      sourceIp: '192.0.2.10',
      requestId: 'JKl0aFp1DoEEuXw=',
    } satisfies AuthorizerRequest);
  });

  it.each(CASE_NAMES)('is read from the event of the case %s, or that is expected to be a fault', (name) => {
    if (caseOf(name).reason === 'fault.event') {
      expect(() => readRequest(sampleEvent(name))).toThrow(eventFault(/./));
      return;
    }
    const { stageArn, method } = readRequest(sampleEvent(name));
    expect(stageArn).toMatch(/^arn:aws[a-z-]*:execute-api:[a-z0-9-]+:123456789012:\w+\/[\w$-]+$/);
    expect(method).toMatch(/^(GET|OPTIONS|POST|PUT|PATCH|DELETE|HEAD|\$connect)$/);
  });
});

describe('the Authorization header', () => {
  const NAMES = ['Authorization', 'authorization', 'AUTHORIZATION', 'aUTHORIZATIoN'];

  it.each(NAMES)('is found under the name %s in headers', (name) => {
    const event = restEvent({ headers: { [name]: 'a' }, multiValueHeaders: undefined });
    expect(readRequest(event).authorization).toStrictEqual(['a']);
  });

  it.each(NAMES)('is found under the name %s in multiValueHeaders', (name) => {
    const event = restEvent({ headers: undefined, multiValueHeaders: { [name]: ['a'] } });
    expect(readRequest(event).authorization).toStrictEqual(['a']);
  });

  it.each(NAMES)('is found under the name %s in payload 2.0', (name) => {
    expect(readRequest(payload2Event({ headers: { [name]: 'a' } })).authorization).toStrictEqual(['a']);
  });

  it.each(['X-Authorization', 'Proxy-Authorization', 'Authorization2', 'Authorisation', 'X-Api-Key', 'Cookie'])(
    'is not taken from %s',
    (name) => {
      const event = restEvent({ headers: { [name]: 'a' }, multiValueHeaders: { [name]: ['a'] } });
      expect(readRequest(event).authorization).toStrictEqual([]);
    },
  );

  it.each(['api-key-in-another-header', 'no-credentials', 'rest-null-maps', 'http-payload-2-no-credentials'])(
    'is absent from the sample event %s',
    (name) => {
      expect(readRequest(sampleEvent(name)).authorization).toStrictEqual([]);
    },
  );

  it('is not taken from the path, the query string, the body or what API Gateway copies out of the request', () => {
    const event = restEvent({
      headers: {},
      multiValueHeaders: {},
      queryStringParameters: { Authorization: 'a' },
      pathParameters: { authorization: 'a' },
      stageVariables: { authorization: 'a' },
      body: '{"Authorization":"a"}',
      authorizationToken: 'a',
    });
    expect(readRequest(event).authorization).toStrictEqual([]);
  });

  it.each([
    ['null', null],
    ['missing', undefined],
    ['an array', ['Authorization', 'a']],
    ['a string', 'Authorization: a'],
    ['empty', {}],
  ])('is absent where the header maps are %s', (_, map) => {
    const event = restEvent({ headers: map, multiValueHeaders: map });
    expect(readRequest(event).authorization).toStrictEqual([]);
  });

  it('is one value when both maps hold the same one', () => {
    const event = restEvent({ headers: { Authorization: 'a' }, multiValueHeaders: { Authorization: ['a'] } });
    expect(readRequest(event).authorization).toStrictEqual(['a']);
  });

  it('is one value when it was sent twice', () => {
    expect(readRequest(sampleEvent('same-credentials-twice')).authorization).toStrictEqual(['{{API_KEY}}']);
  });

  it('is every different value that was sent', () => {
    expect(readRequest(sampleEvent('two-credentials')).authorization).toHaveLength(2);
    const event = restEvent({ headers: { Authorization: 'b' }, multiValueHeaders: { Authorization: ['a', 'b', 'c'] } });
    expect([...readRequest(event).authorization].sort()).toStrictEqual(['a', 'b', 'c']);
  });

  it('is every different value, also when two names differ only in case', () => {
    expect(readRequest(sampleEvent('two-credentials-in-two-cases')).authorization).toHaveLength(2);
    const event = restEvent({ headers: null, multiValueHeaders: { Authorization: ['a'], authorization: ['b'] } });
    expect(readRequest(event).authorization).toStrictEqual(['a', 'b']);
  });

  it('is without the white space around it, and is the same value with and without', () => {
    const event = restEvent({ headers: { Authorization: ' a' }, multiValueHeaders: { Authorization: ['a', 'a\t '] } });
    expect(readRequest(event).authorization).toStrictEqual(['a']);
  });

  it.each(['', ' ', '\t'])('is an empty value, not an absent one, when %j was sent', (value) => {
    const headers = { headers: { Authorization: value }, multiValueHeaders: { Authorization: [value] } };
    expect(readRequest(restEvent(headers)).authorization).toStrictEqual(['']);
    expect(readRequest(payload2Event(headers)).authorization).toStrictEqual(['']);
  });

  it('holds no value that is not a string', () => {
    const event = restEvent({
      headers: { Authorization: 5, authorization: null },
      multiValueHeaders: { Authorization: [null, 7, { a: 1 }, ['x']], AUTHORIZATION: 'not a list' },
    });
    expect(readRequest(event).authorization).toStrictEqual([]);
    expect(readRequest(payload2Event({ headers: { authorization: ['a'] } })).authorization).toStrictEqual([]);
  });

  it('is split at commas in payload 2.0, where repeated headers arrive joined', () => {
    const read = (value: string) => readRequest(payload2Event({ headers: { authorization: value } })).authorization;
    expect(read('a,b')).toStrictEqual(['a', 'b']);
    expect(read('a, a')).toStrictEqual(['a']);
    expect(read('a,')).toStrictEqual(['a', '']);
  });

  it('is not split at commas on a REST API or in payload 1.0, where repeated headers arrive apart', () => {
    const headers = { headers: { Authorization: 'a,b' }, multiValueHeaders: { Authorization: ['a,b'] } };
    expect(readRequest(restEvent(headers)).authorization).toStrictEqual(['a,b']);
    const payload1 = { ...sampleEvent('http-payload-1-api-key'), ...headers, identitySource: 'a,b' };
    expect(readRequest(payload1).authorization).toStrictEqual(['a,b']);
  });

  it('is not taken from multiValueHeaders in payload 2.0, which has none', () => {
    const event = payload2Event({ headers: {}, multiValueHeaders: { authorization: ['a'] } });
    expect(readRequest(event).authorization).toStrictEqual([]);
  });
});

describe('the stage and the method', () => {
  it.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc'])(
    'keep the partition %s',
    (partition) => {
      const stageArn = `arn:${partition}:execute-api:xx-test-1:123456789012:a1b2c3d4e5/prod`;
      expect(readRequest(restEvent({ methodArn: `${stageArn}/GET/api/v1/whoami` })).stageArn).toBe(stageArn);
    },
  );

  it.each([
    ['rest-china', 'arn:aws-cn:execute-api:cn-north-1:123456789012:a1b2c3d4e5/prod'],
    ['rest-govcloud', 'arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:a1b2c3d4e5/prod'],
    ['http-payload-2-bearer', HTTP_STAGE],
    ['http-payload-1-api-key', HTTP_STAGE],
    ['rest-console-test', 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/test-invoke-stage'],
    ['rest-console-authorizer-test', 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/ESTestInvoke-stage'],
    ['rest-path-with-colons-and-slashes', REST_STAGE],
    ['rest-root-path', REST_STAGE],
    ['rest-private-api', REST_STAGE],
  ])('are those of the sample event %s', (name, stageArn) => {
    expect(readRequest(sampleEvent(name))).toMatchObject({ stageArn, method: 'GET' });
  });

  it.each([
    ['words for the account', 'us-east-1:random-account-id:random-api-id/dev', '/GET/hello'],
    ['null for the account', 'us-east-1:null:private/local', '/$connect'],
    ['nothing for the account', 'us-east-1::random-api-id/dev', '/GET/hello'],
    ['a root without a slash', 'us-east-1:123456789012:a1b2c3d4e5/dev', '/GET'],
  ])('are read from the ARN of an emulator with %s', (_, api, rest) => {
    const stageArn = `arn:aws:execute-api:${api}`;
    const method = rest.split('/')[1];
    expect(readRequest(restEvent({ methodArn: stageArn + rest }))).toMatchObject({ stageArn, method });
  });

  it('have a method with a hyphen, which an HTTP API passes on as any other', () => {
    const event = payload2Event({ routeArn: `${HTTP_STAGE}/M-SEARCH/x` });
    expect(readRequest(event)).toMatchObject({ stageArn: HTTP_STAGE, method: 'M-SEARCH' });
  });

  it.each([
    ['a path', '/GET/api/v1/whoami'],
    ['the root', '/GET/'],
    ['a path that looks like an ARN', '/GET/arn:aws:execute-api:us-east-1:1:x/y/DELETE/z'],
    ['a path that looks like a stage and a method', '/GET/other/DELETE/x'],
    ['a path with wildcards', '/GET/*/?/*'],
    ['a path of slashes', '/GET//OPTIONS/'],
    ['a path with a line break', '/GET/a\n/OPTIONS/b'],
  ])('are read apart from %s', (_, rest) => {
    expect(readRequest(restEvent({ methodArn: REST_STAGE + rest }))).toMatchObject({
      stageArn: REST_STAGE,
      method: 'GET',
    });
  });

  it('come from the ARN alone, because the policy is judged by it', () => {
    const event = restEvent({
      methodArn: `${REST_STAGE}/GET/x`,
      httpMethod: 'OPTIONS',
      requestContext: { httpMethod: 'OPTIONS', stage: 'other', apiId: 'other' },
    });
    expect(readRequest(event)).toMatchObject({ stageArn: REST_STAGE, method: 'GET' });
  });

  it('come from routeArn in payload 2.0 and from methodArn otherwise', () => {
    const arns = { methodArn: `${REST_STAGE}/GET/x`, routeArn: `${HTTP_STAGE}/POST/y` };
    expect(readRequest(payload2Event(arns))).toMatchObject({ stageArn: HTTP_STAGE, method: 'POST' });
    expect(readRequest(restEvent(arns))).toMatchObject({ stageArn: REST_STAGE, method: 'GET' });
    expect(readRequest({ ...sampleEvent('http-payload-1-api-key'), ...arns })).toMatchObject({
      stageArn: REST_STAGE,
      method: 'GET',
    });
  });

  it('have the method in upper case, but $connect as it is', () => {
    expect(readRequest(restEvent({ methodArn: `${REST_STAGE}/options/x` })).method).toBe('OPTIONS');
    expect(readRequest(restEvent({ methodArn: `${REST_STAGE}/$connect` })).method).toBe('$connect');
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['not a string', 5],
    ['empty', ''],
    ['not an ARN', 'not-an-arn'],
    ['of another service', 'arn:aws:lambda:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/x'],
    ['of another kind of partition', 'arn:gcp:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/GET/x'],
    ['without a region', 'arn:aws:execute-api::123456789012:a1b2c3d4e5/prod/GET/x'],
    ['without an API', 'arn:aws:execute-api:eu-west-1:123456789012:/prod/GET/x'],
    ['without a stage', 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5//GET/x'],
    ['without a method', REST_STAGE],
    ['with an empty method', `${REST_STAGE}//x`],
    ['with a wildcard for a stage', 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/*/GET/x'],
    ['with a wildcard in the stage', 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/pr?d/GET/x'],
    ['with a wildcard for an API', 'arn:aws:execute-api:eu-west-1:123456789012:*/prod/GET/x'],
    ['with a wildcard for a method', `${REST_STAGE}/*/x`],
    ['with a route that is not $connect', `${REST_STAGE}/$disconnect`],
    ['behind something else', ` ${REST_STAGE}/GET/x`],
  ])('are a fault that shows the expected form when the ARN is %s', (_, arn) => {
    const fault = eventFault(/methodArn \(routeArn in payload 2\.0\).*<partition>.*<stage>\/<method>\/<path>/);
    expect(() => readRequest(restEvent({ methodArn: arn }))).toThrow(fault);
    expect(() => readRequest(payload2Event({ routeArn: arn }))).toThrow(fault);
  });
});

describe('the address', () => {
  it('is judged as that of a VPC endpoint on a private API', () => {
    expect(readRequest(sampleEvent('rest-private-api'))).toMatchObject({
      sourceIpKey: 'aws:VpcSourceIp',
      sourceIp: '10.0.3.17',
    });
  });

  it.each([{}, { vpceId: null }, { vpceId: 5 }, { vpcId: 'vpc-1' }])(
    'is judged as a public one with %j',
    (identity) => {
      const event = restEvent({ requestContext: { identity } });
      expect(readRequest(event).sourceIpKey).toBe('aws:SourceIp');
    },
  );

  it.each([undefined, null, 'x', [], { identity: null, requestId: 5 }, { identity: { sourceIp: 7 } }])(
    'and the request id are undefined with the request context %j',
    (requestContext) => {
      expect(readRequest(restEvent({ requestContext }))).toMatchObject({ sourceIp: undefined, requestId: undefined });
    },
  );
});

describe('the identity sources of an event', () => {
  const payload1Event = (changes: object) => ({ ...sampleEvent('http-payload-1-api-key'), ...changes });

  it.each([
    ['are absent', { identitySource: undefined }],
    ['are null', { identitySource: null }],
    ['are an empty list', { identitySource: [] }],
    ['have no value', { identitySource: [null] }],
    ['have an empty value', { identitySource: ['', ' '] }],
    ['are the header', { identitySource: ['a'] }],
    ['are the header and another', { identitySource: ['tenant-1', 'a'] }],
    ['are the header with white space', { identitySource: [' a '] }],
    ['are the repeated header', { headers: { authorization: 'a, b' }, identitySource: ['a,b'] }],
  ])('let payload 2.0 through when they %s', (_, changes) => {
    const event = payload2Event({ headers: { authorization: 'a' }, ...changes });
    expect(readRequest(event).authorization).toContain('a');
  });

  it.each(['', 'a', 'a,tenant-1', 'tenant-1,a', 'x,a,y'])(
    'let payload 1.0 through when they are %j',
    (identitySource) => {
      const event = payload1Event({ headers: { Authorization: 'a' }, identitySource });
      expect(readRequest(event).authorization).toStrictEqual(['a']);
    },
  );

  it.each([
    ['of another header', { headers: { authorization: 'a' }, identitySource: ['tenant-1'] }],
    ['that only start alike', { headers: { authorization: 'a' }, identitySource: ['ab', 'xa'] }],
    ['of one of two values', { headers: { authorization: 'a,b' }, identitySource: ['a'] }],
    ['of another header, with no Authorization', { headers: {}, identitySource: ['tenant-1'] }],
    ['of another header, with an empty Authorization', { headers: { authorization: '' }, identitySource: ['x'] }],
  ])('are a fault when the result would be cached by values %s', (_, changes) => {
    const fault = eventFault(
      /identity sources do not include the Authorization header.*\$request\.header\.Authorization/,
    );
    expect(() => readRequest(payload2Event(changes))).toThrow(fault);
    const { identitySource } = changes;
    expect(() => readRequest(payload1Event({ ...changes, identitySource: identitySource.join(',') }))).toThrow(fault);
  });
});

describe('a fault about the event', () => {
  it('tells how to attach the function when a TOKEN authorizer was made of it', () => {
    expect(() => readRequest(sampleEvent('token-authorizer-event'))).toThrow(
      eventFault(/TOKEN.*REQUEST authorizer.*FunctionPayloadType: REQUEST.*type: request.*Type: REQUEST/),
    );
  });

  it("tells how to attach the function when it was made a route's integration", () => {
    expect(() => readRequest(sampleEvent('proxy-event'))).toThrow(
      eventFault(/"type" is not "REQUEST".*as a Lambda authorizer of type REQUEST, not as a route's integration/),
    );
  });

  it.each([undefined, null, 'REQUEST', 7, true, [], [{ type: 'REQUEST' }], {}, { type: 'request' }, { type: null }])(
    'is thrown for %j',
    (event) => {
      expect(() => readRequest(event)).toThrow(eventFault(/as a Lambda authorizer of type REQUEST/));
    },
  );

  it('says nothing of what the request held', () => {
    for (const name of ['token-authorizer-event', 'proxy-event', 'method-arn-unreadable']) {
      expect(() => readRequest(sampleEvent(name))).toThrow(eventFault(/^(?!.*\{\{)/));
    }
  });
});
