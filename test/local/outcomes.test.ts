import { describe, expect, it } from 'vitest';
import { deployedApi, routeTo } from './support/api.ts';
import { answering, bodyOf, type ClientOptions, createClient, throwing } from './support/client.ts';
import { allowing, policyOf, STAGE_ARN, statement } from './support/results.ts';

const UNAVAILABLE = { error: 'unavailable', message: 'Authorization is temporarily unavailable' };

async function outcomeOf(options: ClientOptions) {
  const client = createClient(options);
  const response = await client.call('key');
  return { response, verdict: client.lines[0]?.verdict };
}

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
describe("the authorizer's context", () => {
  it('reaches the backend as strings, with the principal', async () => {
    const context = { text: 'value', number: 1, zero: 0, truth: true, untruth: false, empty: '' };
    const { verdict } = await outcomeOf({ invoke: answering(allowing(context)) });
    expect(verdict).toEqual({
      kind: 'allowed',
      source: 'called',
      context: {
        ...{ text: 'value', number: '1', zero: '0', truth: 'true', untruth: 'false', empty: '' },
        ...{ userId: 'user-42', principalId: 'user-42' },
      },
    });
  });

  it('may be left out', async () => {
    const { context: _, ...result } = { ...allowing(), context: undefined };
    const { verdict } = await outcomeOf({
      api: { ...deployedApi(), routes: [routeTo('/{proxy+}')] },
      invoke: answering(result),
    });
    expect(verdict).toMatchObject({ kind: 'allowed', context: { principalId: 'user-42' } });
  });

  it.each([
    ['an object', { roles: { admin: true } }],
    ['an array', { roles: ['admin'] }],
    ['null', { email: null }],
  ])('may not hold %s: AUTHORIZER_CONFIGURATION_ERROR, which says nothing of why', async (_, context) => {
    const { response, verdict } = await outcomeOf({ invoke: answering(allowing(context)) });
    expect(verdict?.kind).toBe('malformed');
    expect(response.status).toBe(503);
    expect(bodyOf(response)).toEqual(UNAVAILABLE);
    expect(response.headers).toMatchObject({
      'retry-after': '1',
      'x-amzn-errortype': 'AuthorizerConfigurationException',
    });
  });

  // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
  it('has names of letters, digits and underscores alone', async () => {
    for (const name of ['user-id', 'user.id', 'user id', '']) {
      const { verdict } = await outcomeOf({ invoke: answering(allowing({ [name]: 'x' })) });
      expect(verdict?.kind).toBe('malformed');
    }
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
describe('a result that is not one', () => {
  const policyDocument = policyOf(statement('Allow', `${STAGE_ARN}/*`));

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'allow'],
    ['no principalId', { policyDocument }],
    ['a number for a principalId', { principalId: 7, policyDocument }],
    ['no policy', { principalId: 'user-42' }],
    ['a policy without statements', { principalId: 'user-42', policyDocument: { Version: '2012-10-17' } }],
    [
      'an effect of its own',
      { principalId: 'u', policyDocument: policyOf({ Effect: 'allow', Action: '*', Resource: '*' }) },
    ],
    ["an HTTP API's simple answer", { isAuthorized: true }],
  ])('is AUTHORIZER_CONFIGURATION_ERROR: %s', async (_, result) => {
    const { response, verdict } = await outcomeOf({ invoke: answering(result) });
    expect(verdict?.kind).toBe('malformed');
    expect(response.status).toBe(503);
    expect(bodyOf(response)).toEqual(UNAVAILABLE);
  });

  it('is none of these: one statement instead of a list, one text instead of a list', async () => {
    const Statement = statement('Allow', [`${STAGE_ARN}/GET/*`, `${STAGE_ARN}/POST/*`]);
    const result = { ...allowing(), policyDocument: { Version: '2012-10-17', Statement } };
    const { response } = await outcomeOf({ invoke: answering(result) });
    expect(response.status).toBe(200);
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
describe('a thrown error', () => {
  it("of exactly 'Unauthorized' is UNAUTHORIZED", async () => {
    const { response, verdict } = await outcomeOf({ invoke: throwing('Unauthorized') });
    expect(verdict).toMatchObject({ kind: 'unauthorized', source: 'called' });
    expect(response.status).toBe(401);
    expect(bodyOf(response)).toEqual({
      error: 'missing_authorization',
      message: 'Authorization header is missing',
    });
  });

  // Which of the two 500 types it is, AWS's documents don't settle; our template sets both alike.
  it.each(['unauthorized', 'Unauthorized: no', 'The table could not be read.', ''])(
    'of anything else is AUTHORIZER_FAILURE, with our body and Retry-After: "%s"',
    async (message) => {
      const { response, verdict } = await outcomeOf({ invoke: throwing(message) });
      expect(verdict?.kind).toBe('failure');
      expect(response).toMatchObject({
        status: 503,
        headers: {
          'content-type': 'application/json',
          'retry-after': '1',
          'access-control-allow-origin': '*',
          'x-amzn-errortype': 'AuthorizerFailureException',
        },
      });
      expect(bodyOf(response)).toEqual(UNAVAILABLE);
      expect(response.headers).not.toHaveProperty('www-authenticate');
      expect(response.body).not.toContain(message || 'Fault');
    },
  );

  it('is told alike with and without a cache, so that neither 500 type shows', async () => {
    for (const ttl of [0, 60]) {
      for (const invoke of [throwing('down'), answering(null)]) {
        const { response } = await outcomeOf({ api: deployedApi({ ttl }), invoke });
        const { 'x-amzn-errortype': _, ...headers } = response.headers;
        expect({ ...response, headers }).toEqual({
          status: 503,
          body: JSON.stringify(UNAVAILABLE),
          headers: {
            'content-type': 'application/json',
            'x-amzn-requestid': expect.any(String),
            'retry-after': '1',
            'access-control-allow-origin': '*',
            'access-control-expose-headers': 'WWW-Authenticate,Retry-After',
          },
        });
      }
    }
  });
});
