import type { Api, Method } from '../api.ts';
import type { Assertion } from './assertion.ts';

interface Subject {
  readonly api: Api;
  /** The Gatepass function, by its ARN or as `${Name}`. */
  readonly authorizerFunction: string;
}

const IDENTITY_SOURCE = {
  REST: 'method.request.header.Authorization',
  HTTP: '$request.header.Authorization',
  WEBSOCKET: 'route.request.header.Authorization',
};
const FUNCTION_URI = /^arn:[^:]+:apigateway:[^:]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
/** API Gateway's own bound, in seconds. */
const LONGEST_TTL = 3600;

/** Whether it is the route that the examples leave open, to be asked by whoever watches whether the API is up. */
const isPublic = ({ verb, path }: Method) => verb === 'GET' && path === '/health';

/** What must hold of each example beside that: a WebSocket API has one door alone, $connect. */
export const EXAMPLE_ASSERTIONS = {
  'public-route-is-open': {
    holds: 'A public route, GET /health, is open to everybody.',
    *faults({ kind, methods }) {
      if (kind === 'WEBSOCKET') return;
      const found = methods.find(isPublic);
      if (found === undefined) yield 'there is no GET /health';
      else if (found.authorizer !== undefined) yield `GET /health asks ${found.authorizer}`;
    },
  },
} as const satisfies Record<string, Assertion<Api>>;

/** What must hold of every API that the authorizer is attached to, whatever its kind. */
export const API_ASSERTIONS = {
  'authorizer-on-every-method': {
    holds: 'Every method but OPTIONS and the public one asks the authorizer; on a WebSocket API, $connect does.',
    *faults({ api }) {
      const known = api.authorizers.map(({ name }) => name);
      const guarded = api.methods.filter((method) =>
        api.kind === 'WEBSOCKET' ? method.verb === '$connect' : method.verb !== 'OPTIONS' && !isPublic(method),
      );
      if (guarded.length === 0) yield 'the API has no method that asks the authorizer';
      for (const { verb, path, authorizer } of guarded) {
        if (authorizer === undefined) yield `${verb} ${path} has no authorizer: anybody may call it`;
        else if (!known.includes(authorizer)) yield `${verb} ${path} has ${authorizer}, not an authorizer of the API`;
      }
    },
  },
  'options-without-authorizer': {
    holds: "OPTIONS doesn't ask it: a preflight carries no credentials.",
    *faults({ api }) {
      for (const { verb, path, authorizer } of api.methods) {
        if (verb === 'OPTIONS' && authorizer !== undefined) yield `OPTIONS ${path}: browsers can't send a preflight`;
      }
    },
  },
  'preflight-answered': {
    holds: 'Every route answers a preflight with what is allowed: origin, methods, and headers with Authorization.',
    *faults({ api }) {
      if (api.kind === 'WEBSOCKET') return;
      // A plain GET is sent without one.
      const asked = api.methods.filter((method) => !isPublic(method));
      for (const path of new Set(asked.map((method) => method.path))) yield* preflightFaults(api, path);
    },
  },
  'authorizer-type-request': {
    holds: 'The API has one authorizer: a REQUEST authorizer that calls the Gatepass function.',
    *faults({ api, authorizerFunction }) {
      if (api.authorizers.length !== 1) yield `the API has ${api.authorizers.length} authorizers`;
      for (const { name, type, uri } of api.authorizers) {
        if (type !== 'REQUEST') yield `${name} is of type ${type || 'none'}, whose events the function refuses`;
        const [, called = ''] = FUNCTION_URI.exec(uri) ?? [];
        if (!isSameFunction(called, authorizerFunction)) yield `${name} calls ${uri}, not ${authorizerFunction}`;
      }
    },
  },
  'identity-source-is-authorization-alone': {
    holds: 'The identity source is the Authorization header and nothing else; uncached, there is none.',
    *faults({ api }) {
      for (const { name, identitySources, ttl } of api.authorizers) {
        const wanted = ttl === 0 ? '' : IDENTITY_SOURCE[api.kind];
        if (identitySources.join() !== wanted) {
          yield `${name} has ${identitySources.join() || 'none'}, not ${wanted || 'none'}: all are wanted, and cached by`;
        }
      }
    },
  },
  'ttl-within-bounds': {
    holds: `The authorizer's TTL is said, and at most ${LONGEST_TTL} s; a WebSocket API has none.`,
    *faults({ api }) {
      for (const { name, ttl } of api.authorizers) {
        if (api.kind === 'WEBSOCKET') {
          if (ttl !== undefined) yield `${name} has a TTL, but nothing is cached on a WebSocket API`;
        } else if (ttl === undefined) {
          yield `${name} leaves the TTL to the default, which differs between kinds of API`;
        } else if (!(ttl >= 0 && ttl <= LONGEST_TTL)) {
          yield `${name} has a TTL of ${ttl} s`;
        }
      }
    },
  },
  'invoke-permission': {
    holds: "API Gateway, and for this API's authorizers alone, may call the function.",
    *faults({ api, authorizerFunction }) {
      const found = api.permissions.filter((permission) => isSameFunction(permission.function, authorizerFunction));
      if (found.length === 0) yield `nobody may call ${authorizerFunction}: each request would be a fault`;
      for (const { action, principal, sourceArn } of found) {
        if (principal !== 'apigateway.amazonaws.com' || action !== 'lambda:InvokeFunction') {
          yield `${principal} may do ${action}`;
        }
        const [, id] = sourceArn.split(`${api.arn}/authorizers/`);
        if (id === undefined || !/^[^/]+$/.test(id) || !sourceArn.startsWith(api.arn)) {
          yield `it may be called for ${sourceArn || 'anything'}, not for ${api.arn}/authorizers/…`;
        }
      }
    },
  },
  'http-api-takes-policies': {
    holds: "An HTTP API sends payload 2.0 and takes policies: a simple yes couldn't say when and from where it holds.",
    *faults({ api }) {
      for (const { name, payloadVersion, simpleResponses } of api.kind === 'HTTP' ? api.authorizers : []) {
        if (payloadVersion !== '2.0') yield `${name} sends payload ${payloadVersion}`;
        if (simpleResponses) yield `${name} takes simple responses`;
      }
    },
  },
  'deployment-has-every-part': {
    holds: 'A deployment is made after every method and gateway response, so that it holds them.',
    *faults({ api }) {
      for (const part of api.undeployed ?? []) yield `${part} isn't waited for by a deployment`;
    },
  },
} as const satisfies Record<string, Assertion<Subject>>;

/** A function's name and its ARN are the same function. */
function isSameFunction(one: string, other: string): boolean {
  return one.replace('.Arn}', '}') === other.replace('.Arn}', '}');
}

function* preflightFaults(api: Api, path: string): Generator<string> {
  const methods = api.methods.filter((method) => method.path === path);
  const options = methods.find(({ verb }) => verb === 'OPTIONS');
  // An HTTP API answers preflights itself, where no ANY takes them.
  if (options === undefined && (api.kind === 'REST' || methods.some(({ verb }) => verb === 'ANY'))) {
    yield `${path} has no OPTIONS method: a preflight fails, or asks the authorizer`;
    return;
  }
  const answered = (api.kind === 'HTTP' ? api.cors : options?.preflight) ?? {};
  for (const what of ['origin', 'methods', 'headers']) {
    if (!answered[`access-control-allow-${what}`]) yield `OPTIONS ${path} answers without Allow-${what}`;
  }
  const headers = (answered['access-control-allow-headers'] ?? '').toLowerCase().split(/ *, */);
  if (!headers.includes('authorization')) yield `OPTIONS ${path} doesn't allow the Authorization header`;
}
