import { createGateway, type GatewayParts, type RequestLine } from '../../../src/local/gateway/gateway.ts';
import type { HttpRequest, HttpResponse } from '../../../src/local/gateway/http.ts';
import type { Invocation } from '../../../src/local/local-function.ts';
import { createMovedClock, type MovedClock } from '../../support/moved-clock.ts';
import { deployedApi } from './api.ts';

export interface ClientRequest {
  readonly method?: string;
  /** With the stage, as a caller writes it. */
  readonly path?: string;
  readonly query?: string;
  /** In the order sent; a name may come twice. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly sourceIp?: string;
  readonly body?: string;
}

/** Someone who calls the API through a gateway of their own. */
export interface Client {
  readonly clock: MovedClock;
  /** What the gateway told its log, a request an entry. */
  readonly lines: readonly RequestLine[];
  /** The events that the function was called with. */
  readonly events: readonly object[];
  send(request: ClientRequest): Promise<HttpResponse>;
  /** Sends this `Authorization` value. */
  call(authorization: string, request?: ClientRequest): Promise<HttpResponse>;
}

export type ClientOptions = Partial<Omit<GatewayParts, 'now' | 'newRequestId' | 'onRequest'>> & {
  readonly clock?: MovedClock;
};

export const REQUEST_ID = '4f6c1a52-7f0d-4d53-9a44-6b9a2f1e0c11';

/** A gateway as the template deploys it, in front of a function that answers as told. */
export function createClient({ clock = createMovedClock(), ...options }: ClientOptions): Client {
  const lines: RequestLine[] = [];
  const events: object[] = [];
  const { api = deployedApi(), kind = 'rest', invoke = async () => ({ log: [], durationMs: 0 }), ...rest } = options;
  const gateway = createGateway({
    ...{ api, kind, ...rest },
    invoke(event) {
      events.push(event);
      return invoke(event);
    },
    now: clock.now,
    newRequestId: () => REQUEST_ID,
    onRequest: (line) => lines.push(line),
  });
  const defaultPath = kind === 'rest' ? `/${api.stage}/api/v1/whoami` : '/api/v1/whoami';
  const send = (request: ClientRequest) => gateway(toHttpRequest({ path: defaultPath, ...request }));
  return {
    ...{ clock, lines, events, send },
    call: (authorization, request = {}) =>
      send({ ...request, headers: [...(request.headers ?? []), ['Authorization', authorization]] }),
  };
}

export function toHttpRequest(request: ClientRequest): HttpRequest {
  const { method = 'GET', path = '/', query = '', headers = [], sourceIp = '192.0.2.10', body = '' } = request;
  return { method, path, query, headers, sourceIp, body: Buffer.from(body) };
}

/** A function that gives this result, as JSON carries it from Lambda to API Gateway. */
export function answering(result: unknown): () => Promise<Invocation> {
  return async () => JSON.parse(JSON.stringify({ result, log: [], durationMs: 0 }));
}

/** A function that throws this. */
export function throwing(message: string, name = 'Error'): () => Promise<Invocation> {
  return async () => ({ error: { name, message }, log: [], durationMs: 0 });
}

/** The JSON of a response's body. */
export function bodyOf({ body }: HttpResponse): unknown {
  return JSON.parse(body.toString());
}
