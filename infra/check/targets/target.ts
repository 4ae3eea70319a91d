import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { JsonObject } from '../../../src/local/gateway/json.ts';
import type { Api, GatewayResponses } from '../api.ts';
import { API_ASSERTIONS, EXAMPLE_ASSERTIONS } from '../assertions/api.ts';
import { type Finding, findFaults } from '../assertions/assertion.ts';
import { RESPONSE_ASSERTIONS } from '../assertions/gateway-responses.ts';
import { readGatewayResponses } from '../read/openapi.ts';

/** Something that is checked. `check` takes what it was loaded as, so that a broken copy goes the same way. */
export interface Target {
  load(): Promise<JsonObject>;
  /** @param isLinted whether the linter is asked too, which takes most of the time. */
  check(document: JsonObject, isLinted: boolean): AsyncIterable<Finding>;
}

/** Where the authorizer of another stack is, in what CloudFormation finds in the SSM parameter. */
export const AUTHORIZER_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:gatepass-AuthorizerFunction';
const SHARED_RESPONSES = 'infra/attach/gateway-responses.yaml';

/** The file that every example quotes. */
export const sharedResponses: Target = {
  load: async () => parse(readFileSync(SHARED_RESPONSES, 'utf8')),
  async *check(document) {
    const responses = readGatewayResponses(document as Parameters<typeof readGatewayResponses>[0]);
    yield* findFaults(RESPONSE_ASSERTIONS, { responses, shared: responses });
  },
};

/** What every API is held against, with the stack's own origin and realm in its gateway responses. */
export function* checkApi(api: Api, authorizerFunction: string, origin = '*', realm = 'api'): Generator<Finding> {
  yield* findFaults(API_ASSERTIONS, { api, authorizerFunction });
  if (api.kind !== 'REST') return;
  yield* findFaults(RESPONSE_ASSERTIONS, { responses: api.gatewayResponses, shared: readShared(origin, realm) });
}

/** The same for an API of infra/attach. */
export function* checkExample(api: Api, authorizerFunction: string, origin?: string): Generator<Finding> {
  yield* findFaults(EXAMPLE_ASSERTIONS, api);
  yield* checkApi(api, authorizerFunction, origin);
}

function readShared(origin: string, realm: string): GatewayResponses {
  const text = readFileSync(SHARED_RESPONSES, 'utf8');
  return readGatewayResponses(parse(text.replaceAll("'*'", `'${origin}'`).replaceAll('\\"api\\"', `\\"${realm}\\"`)));
}
