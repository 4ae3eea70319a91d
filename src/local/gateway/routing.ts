import type { Route } from './api.ts';

export interface Match {
  readonly route: Route;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** The methods that `ANY` stands for. */
const ANY: ReadonlySet<string> = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']);

/**
 * Finds the route of a request: the most specific resource that matches the path, and on it the method or `ANY`.
 *
 * On a REST API a resource is chosen by its path alone: where the best one lacks the method, no other is tried. On an
 * HTTP API the next best is.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
  kind: 'rest' | 'http' = 'rest',
): Match | undefined {
  const resources = [...new Set(routes.map(({ resource }) => resource))].sort(bySpecificity);
  for (const resource of resources) {
    const pathParameters = matchPath(resource, path);
    if (pathParameters === undefined) continue;
    const onIt = routes.filter((route) => route.resource === resource);
    const route =
      onIt.find((one) => one.method === method) ??
      (ANY.has(method) ? onIt.find((one) => one.method === 'ANY') : undefined);
    if (route !== undefined) return { route, pathParameters };
    if (kind === 'rest') return undefined;
  }
  return undefined;
}

/** Fixed segments come before `{parameters}`, and those before `{proxy+}`. */
function bySpecificity(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = generality(left[index]) - generality(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function generality(segment: string | undefined): number {
  if (segment === undefined) return 3;
  if (!segment.startsWith('{')) return 0;
  return segment.endsWith('+}') ? 2 : 1;
}

function matchPath(resource: string, path: string): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  const wanted = resource.split('/');
  const given = path.split('/');
  for (const [index, segment] of wanted.entries()) {
    const [, name, greedy] = /^\{(\w+)(\+)?\}$/.exec(segment) ?? [];
    const value = greedy ? given.slice(index).join('/') : given[index];
    if (value === undefined || (name === undefined ? value !== segment : value === '')) return undefined;
    if (name !== undefined) parameters[name] = value;
    if (greedy) return parameters;
  }
  return wanted.length === given.length ? parameters : undefined;
}
