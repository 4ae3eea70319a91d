import { describe, expect, it } from 'vitest';
import { findRoute } from '../../src/local/gateway/routing.ts';
import { deployedApi, routeTo } from './support/api.ts';
import { answering, bodyOf, createClient } from './support/client.ts';
import { allowing } from './support/results.ts';

// Rules of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html
describe('the route of a request', () => {
  const routes = [
    routeTo('/{proxy+}'),
    routeTo('/pets'),
    routeTo('/pets/{petId}', 'GET'),
    routeTo('/pets/{petId}'),
    routeTo('/pets/dogs', 'GET'),
    routeTo('/pets/{petId}/{rest+}'),
    routeTo('/'),
  ];
  const resourceOf = (path: string, method = 'GET') => findRoute(routes, method, path)?.route.resource;

  it.each([
    ['/pets/dogs', '/pets/dogs'],
    ['/pets/7', '/pets/{petId}'],
    ['/pets/7/toys/1', '/pets/{petId}/{rest+}'],
    ['/pets', '/pets'],
    ['/toys/7/parts', '/{proxy+}'],
    ['/', '/'],
  ])('%s is the most specific resource that matches: %s', (path, resource) => {
    expect(resourceOf(path)).toBe(resource);
  });

  it('prefers the method itself to ANY, whichever stands first', () => {
    for (const ordered of [routes, routes.toReversed()]) {
      expect(findRoute(ordered, 'GET', '/pets/7')?.route.method).toBe('GET');
      expect(findRoute(ordered, 'POST', '/pets/7')?.route.method).toBe('ANY');
    }
  });

  it('does not go to a greedy sibling for a method that the specific resource lacks', () => {
    expect(resourceOf('/pets/dogs', 'POST')).toBeUndefined();
    expect(resourceOf('/pets/cats', 'POST')).toBe('/pets/{petId}');
  });

  it('gives the values of path parameters as sent, slashes of a greedy one among them', () => {
    expect(findRoute(routes, 'GET', '/pets/a%2Fb/x/y:z')?.pathParameters).toEqual({ petId: 'a%2Fb', rest: 'x/y:z' });
  });

  it('takes no empty value for a path parameter', () => {
    const only = [routeTo('/pets/{petId}'), routeTo('/toys/{rest+}')];
    expect(findRoute(only, 'GET', '/pets/')).toBeUndefined();
    expect(findRoute(only, 'GET', '/toys/')).toBeUndefined();
    expect(findRoute(only, 'GET', '/toys')).toBeUndefined();
  });

  it('tells letters apart by their case', () => {
    expect(findRoute([routeTo('/pets')], 'GET', '/Pets')).toBeUndefined();
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
describe('a request without a route', () => {
  it.each([
    ['another method of a resource', 'POST', '/prod/api/v1/whoami'],
    ['another path', 'GET', '/prod/api/v2/whoami'],
    ['the root', 'GET', '/prod'],
    ['no stage', 'GET', '/api/v1/whoami'],
    ['another stage', 'GET', '/test/api/v1/whoami'],
    ['a stage with the same start', 'GET', '/production/api/v1/whoami'],
  ])('is 403 MISSING_AUTHENTICATION_TOKEN, good credentials or not, and asks nobody: %s', async (_, method, path) => {
    const client = createClient({ invoke: answering(allowing()) });
    const response = await client.call('key', { method, path });
    expect(response.status).toBe(403);
    expect(bodyOf(response)).toEqual({ error: 'unknown_route', message: 'No such path or method' });
    expect(response.headers).toMatchObject({ 'access-control-allow-origin': '*' });
    expect(client.events).toEqual([]);
  });

  // https://github.com/HumanCellAtlas/data-store/issues/328
  it.each([
    ['key-1', "'key-1' not a valid key=value pair (missing equal-sign) in Authorization header: 'key-1'."],
    ['Bearer abc', "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'."],
    [undefined, 'Missing Authentication Token'],
  ])('quotes the Authorization header %s where no gateway response prevents it', async (value, message) => {
    const client = createClient({ api: { ...deployedApi(), gatewayResponses: {} } });
    const path = '/prod/nothing';
    const response = await (value === undefined ? client.send({ path }) : client.call(value, { path }));
    expect(response.status).toBe(403);
    expect(bodyOf(response)).toEqual({ message });
    expect(response.headers['x-amzn-errortype']).toBe(
      value === undefined ? 'MissingAuthenticationTokenException' : 'IncompleteSignatureException',
    );
  });
});
