import { fileURLToPath } from 'node:url';
import { type Api, type Route, readApi } from '../../../src/local/gateway/api.ts';

export const TEMPLATE = fileURLToPath(new URL('../../../template.yaml', import.meta.url));

const read = new Map<string, Api>();

/** The example API of our own template, by default as its own defaults deploy it. Each is read once. */
export function deployedApi({ ttl = 60, corsOrigin = '*' } = {}): Api {
  const name = `${ttl} ${corsOrigin}`;
  const api = read.get(name) ?? readApi(TEMPLATE, { AuthorizerTtl: String(ttl), CorsOrigin: corsOrigin });
  read.set(name, api);
  return api;
}

/** The same API with the authorizer on `OPTIONS` too, as SAM attaches it unless told otherwise. */
export function withProtectedOptions(api: Api): Api {
  return { ...api, routes: api.routes.map((route) => ({ ...route, isProtected: true })) };
}

/** A protected route of no particular backend. */
export function routeTo(resource: string, method = 'ANY'): Route {
  const responses = { default: { statusCode: 200, responseParameters: {}, responseTemplates: {} } };
  const requestTemplates = { 'application/json': '{"statusCode":200}' };
  return { resource, method, isProtected: true, integration: { type: 'mock', requestTemplates, responses } };
}
