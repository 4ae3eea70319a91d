import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readRequest } from '../../src/authorizer/gateway/event.ts';
import { type EventFacts, httpEvent, restEvent } from '../../src/local/gateway/events.ts';
import { loadEvent } from '../support/events.ts';
import { routeTo } from './support/api.ts';
import { type ClientRequest, REQUEST_ID, toHttpRequest } from './support/client.ts';
import { recordReads, valueAt } from './support/recorded-reads.ts';

const KEY = 'gp_live_key';

function factsOf(request: ClientRequest, stage = 'prod', resource = '/api/v1/{proxy+}'): EventFacts {
  return {
    request: toHttpRequest({ path: '/api/v1/whoami', ...request }),
    match: { route: routeTo(resource), pathParameters: { proxy: 'whoami' } },
    identity: { region: 'eu-west-1', accountId: '123456789012', apiId: 'a1b2c3d4e5', stage },
    requestId: REQUEST_ID,
    now: 1_795_508_130_000,
  };
}

// Fields of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
const restFixture = v.looseObject({
  httpMethod: v.string(),
  path: v.string(),
  multiValueHeaders: v.record(v.string(), v.array(v.string())),
  requestContext: v.looseObject({ identity: v.looseObject({ sourceIp: v.string() }) }),
});

const http2Fixture = v.looseObject({
  headers: v.record(v.string(), v.string()),
  identitySource: v.nullable(v.array(v.string())),
});

/** The event that the gateway makes of the request which a fixture tells of. */
function rebuild(name: string): { readonly fixture: object; readonly built: object } {
  const fixture = loadEvent(name, KEY);
  const { httpMethod: method, path, multiValueHeaders, requestContext } = v.parse(restFixture, fixture);
  const headers = Object.entries(multiValueHeaders).flatMap(([header, values]) =>
    values.map((value): [string, string] => [header, value]),
  );
  const { sourceIp } = requestContext.identity;
  return { fixture, built: restEvent(factsOf({ method, path, headers, sourceIp })) };
}

const REST_FIXTURES = [
  'api-key-valid',
  'api-key-behind-bearer',
  'no-credentials',
  'empty-authorization',
  'options-with-bad-key',
  'options-without-credentials',
  'rest-lower-case-header',
  'rest-odd-case-header',
  'rest-path-with-colons-and-slashes',
  'rest-root-path',
  'same-credentials-twice',
  'two-credentials',
];

describe('the event of a REST API', () => {
  it.each(REST_FIXTURES)(
    'has what the authorizer reads of the sample event, of the same type and value: %s',
    (name) => {
      const { fixture, built } = rebuild(name);
      const paths = new Set<string>();
      readRequest(recordReads(fixture, paths));
      expect(paths).toContain('requestContext.identity.sourceIp');
      for (const path of paths) {
        const isOfOurMaking = path === 'requestContext.requestId';
        const expected = valueAt(fixture, path);
        expect(valueAt(built, path), path).toEqual(
          isOfOurMaking || typeof expected === 'object' ? expect.anything() : expected,
        );
        expect(typeof valueAt(built, path), path).toBe(typeof expected);
      }
    },
  );

  it.each(REST_FIXTURES)('is read as the sample event is: %s', (name) => {
    const { fixture, built } = rebuild(name);
    expect(readRequest(built)).toEqual({ ...readRequest(fixture), requestId: REQUEST_ID });
  });

  it.each(REST_FIXTURES)('invents no field that the sample event lacks: %s', (name) => {
    const { fixture, built } = rebuild(name);
    for (const path of ['requestContext', 'requestContext.identity']) {
      expect(Object.keys(Object(valueAt(fixture, path)))).toEqual(
        expect.arrayContaining(Object.keys(Object(valueAt(built, path)))),
      );
    }
    expect(Object.keys(fixture)).toEqual(expect.arrayContaining(Object.keys(built)));
  });

  it('names headers as sent, with the last value of a repeated one in headers and all in multiValueHeaders', () => {
    const headers = [
      ['authorization', 'one'],
      ['X-Other', 'x'],
      ['authorization', 'two'],
      ['Authorization', 'three'],
    ] as const;
    expect(restEvent(factsOf({ headers }))).toMatchObject({
      headers: { authorization: 'two', 'X-Other': 'x', Authorization: 'three' },
      multiValueHeaders: { authorization: ['one', 'two'], 'X-Other': ['x'], Authorization: ['three'] },
    });
  });

  it('has the path with and without the stage, the resource, and the query decoded', () => {
    const request = { method: 'POST', path: '/api/v1/a%20b/c:d', query: 'x=1&x=2&y=a%20b', body: '{}' };
    const event = restEvent(factsOf(request));
    expect(event).toMatchObject({
      methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod/POST/api/v1/a%20b/c:d',
      resource: '/api/v1/{proxy+}',
      path: '/api/v1/a%20b/c:d',
      httpMethod: 'POST',
      queryStringParameters: { x: '2', y: 'a b' },
      multiValueQueryStringParameters: { x: ['1', '2'], y: ['a b'] },
      pathParameters: { proxy: 'whoami' },
      requestContext: { path: '/prod/api/v1/a%20b/c:d', resourcePath: '/api/v1/{proxy+}', stage: 'prod' },
    });
  });

  it('has no body, which an authorizer never gets', () => {
    expect(JSON.stringify(restEvent(factsOf({ method: 'POST', body: 'the body' })))).not.toContain('the body');
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
describe('the event of an HTTP API, payload 2.0', () => {
  const FIXTURES = ['http-payload-2-bearer', 'http-payload-2-no-credentials', 'http-payload-2-two-credentials'];

  it.each(FIXTURES)('has what the authorizer reads of the sample event: %s', (name) => {
    const fixture = loadEvent(name, KEY, 'another');
    const { headers: joined, identitySource } = v.parse(http2Fixture, fixture);
    const headers = Object.entries(joined).flatMap(([header, values]) =>
      values.split(',').map((value): [string, string] => [header, value]),
    );
    const facts = factsOf({ headers }, '$default');
    const built = httpEvent({ ...facts, identity: { ...facts.identity, apiId: 'lsw1ro4ipb' } }, identitySource ?? []);
    const paths = new Set<string>();
    const asRead = readRequest(recordReads(fixture, paths));
    expect(paths).toContain('requestContext.http.sourceIp');
    for (const path of paths) expect(typeof valueAt(built, path), path).toBe(typeof valueAt(fixture, path));
    expect(readRequest(built)).toEqual({ ...asRead, requestId: REQUEST_ID });
  });

  it('has header names in lower case and repeated ones joined by commas', () => {
    const headers = [
      ['Authorization', 'one'],
      ['authorization', 'two'],
      ['X-Other', 'x'],
    ] as const;
    const event = httpEvent(factsOf({ headers }), []);
    expect(event).toMatchObject({ headers: { authorization: 'one,two', 'x-other': 'x' } });
    expect(event).not.toHaveProperty('multiValueHeaders');
    expect(event).not.toHaveProperty('methodArn');
  });
});
