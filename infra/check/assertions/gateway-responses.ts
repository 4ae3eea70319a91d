import { isDeepStrictEqual } from 'node:util';
import { PUBLIC_ANSWERS } from '../../../src/decision.ts';
import type { GatewayResponse, GatewayResponses } from '../api.ts';
import type { Assertion } from './assertion.ts';

interface Subject {
  readonly responses: GatewayResponses;
  /** Those of the one file that all quote, with the API's own origin and realm. */
  readonly shared: GatewayResponses;
}

const HEADER = 'gatewayresponse.header.';
const CORS = ['Access-Control-Allow-Origin'];
const REFUSAL = { status: '401', headers: [...CORS, 'WWW-Authenticate', 'Access-Control-Expose-Headers'] };
const FAULT = {
  status: '503',
  headers: [...CORS, 'Retry-After', 'Access-Control-Expose-Headers'],
  body: { error: 'unavailable', message: 'Authorization is temporarily unavailable' },
};

/** The caller's own header stays out of it, which API Gateway's text would quote. */
const UNKNOWN_ROUTE = { headers: CORS, body: { error: 'unknown_route', message: 'No such path or method' } };

interface Wanted {
  readonly status?: string;
  readonly headers: readonly string[];
  readonly body?: Readonly<Record<string, string>>;
}

/** The gateway responses that every REST API has. */
const WANTED: Readonly<Record<string, Wanted>> = {
  ACCESS_DENIED: {
    ...REFUSAL,
    body: { error: '$context.authorizer.denyError', message: '$context.authorizer.denyMessage' },
  },
  UNAUTHORIZED: {
    ...REFUSAL,
    body: { error: 'missing_authorization', message: PUBLIC_ANSWERS.missing_authorization },
  },
  AUTHORIZER_FAILURE: FAULT,
  AUTHORIZER_CONFIGURATION_ERROR: FAULT,
  MISSING_AUTHENTICATION_TOKEN: UNKNOWN_ROUTE,
  INVALID_SIGNATURE: UNKNOWN_ROUTE,
  DEFAULT_4XX: { headers: CORS },
  DEFAULT_5XX: { headers: CORS },
};

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
const KNOWN_TYPES = [
  ...Object.keys(WANTED),
  'API_CONFIGURATION_ERROR',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
];

/** What must hold of the gateway responses of every REST API, and of the one file that they are quoted from. */
export const RESPONSE_ASSERTIONS = {
  'gateway-responses-complete': {
    holds: 'All are there: refusals, faults, unknown routes, defaults.',
    *faults({ responses }) {
      for (const type of Object.keys(WANTED)) if (!(type in responses)) yield `${type} is missing`;
    },
  },
  'gateway-response-types-known': {
    holds: 'Each has a name that API Gateway knows; another would never be used.',
    *faults({ responses }) {
      for (const type of Object.keys(responses)) {
        if (!KNOWN_TYPES.includes(type)) yield `${type} isn't a gateway response type`;
      }
    },
  },
  'gateway-response-statuses': {
    holds: 'Refusals are 401, faults 503, and the rest set none.',
    *faults({ responses }) {
      for (const [type, { status }] of Object.entries(responses)) {
        const wanted = WANTED[type];
        if (wanted && status !== wanted.status) yield `${type} has the status ${status}, not ${wanted.status}`;
      }
    },
  },
  'gateway-response-bodies': {
    holds: 'A refusal answers with what the authorizer says, the rest with fixed bodies.',
    *faults({ responses }) {
      for (const [type, { templates }] of Object.entries(responses)) {
        const body = WANTED[type]?.body;
        if (body === undefined) continue;
        if (Object.keys(templates).join() !== 'application/json') {
          yield `${type} has templates for ${Object.keys(templates).join() || 'nothing'}, not application/json alone`;
        } else if (!isDeepStrictEqual(parseJson(templates['application/json']), body)) {
          yield `${type} answers ${templates['application/json']}, not ${JSON.stringify(body)}`;
        }
      }
    },
  },
  'gateway-response-headers': {
    holds: 'All let pages read them; 401 has a challenge and 503 a Retry-After, and pages may read those too.',
    *faults({ responses }) {
      for (const [type, response] of Object.entries(responses)) yield* headerFaults(type, response);
    },
  },
  'gateway-responses-as-shared': {
    holds: "They are those of infra/attach/gateway-responses.yaml, with the stack's origin.",
    *faults({ responses, shared }) {
      for (const type of new Set([...Object.keys(responses), ...Object.keys(shared)])) {
        if (!isDeepStrictEqual(responses[type], shared[type])) {
          yield `${type} is ${JSON.stringify(responses[type])}, not ${JSON.stringify(shared[type])}`;
        }
      }
    },
  },
} as const satisfies Record<string, Assertion<Subject>>;

function* headerFaults(type: string, { headers }: GatewayResponse): Generator<string> {
  for (const name of WANTED[type]?.headers ?? CORS) {
    if (!/^'.+'$/.test(headers[HEADER + name] ?? '')) yield `${type} has no fixed value for ${name}, in quotes`;
  }
  const challenge = headers[`${HEADER}WWW-Authenticate`];
  if (challenge && !/^'Bearer realm="[^"]+"'$/.test(challenge)) yield `${type} challenges with ${challenge}`;
  for (const name of Object.keys(headers)) if (!name.startsWith(HEADER)) yield `${type} sets ${name}`;
}

function parseJson(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
