import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../src/local/gateway/api.ts';
import type { Gateway } from '../../src/local/gateway/gateway.ts';
import { type HttpRequest, headerValues } from '../../src/local/gateway/http.ts';
import { createMovedClock } from '../support/moved-clock.ts';
import { changed, type Result, withStatements } from './support/changed-results.ts';
import { type LocalStages, type StageOptions, startLocalStages } from './support/local-stage.ts';
import { namesOf, smokeBy } from './support/smoke.ts';

const MISSING = /^A (request with(out| an empty)|missing)|^X-Api-Key/;
const PREFLIGHT = /^A preflight/;
const CONFLICT = /another Authorization header/;
const ENDING = /until its end/;
const LET_THROUGH = /let through( again)?$|^The (scheme is read|name of the header)|^A cached result/;
const ALLOWED = /let through( again)?$|^The (backend|scheme is read|name of the header)|^A cached result|may read/;
const REVOKED = /^A revoked key/;

let stages: LocalStages;

beforeAll(async () => {
  stages = await startLocalStages();
});

afterAll(() => stages.stop());

describe('the right checks fail at', () => {
  it.each<[what: string, options: Omit<StageOptions, 'ttl'>, failing: readonly RegExp[], passing: readonly RegExp[]]>([
    [
      'a stage that refuses with 403',
      { api: withResponse('ACCESS_DENIED', (response) => ({ ...response, statusCode: 403 })) },
      [/^An unknown key/, CONFLICT, ENDING, /opens nothing/, /alg none/],
      [MISSING, ALLOWED, PREFLIGHT],
    ],
    ['a stage that caches an Allow from OPTIONS', { gateway: openedByOptions }, [/opens nothing/], [/./]],
    ['a stage whose cached Allows have no end', { invoke: changed(withoutConditions) }, [ENDING], [/./]],
    ['a stage that allows one route at a time', { invoke: changed(forOneRoute) }, [/serves other routes/], [/./]],
    ['a stage that takes the last of two headers', { gateway: takingTheLast }, [/after another/], [/./]],
    [
      'a stage without a challenge',
      { api: withResponse('ACCESS_DENIED', withoutHeader('WWW-Authenticate')) },
      [/^An unknown key/, /alg none/],
      [MISSING, ALLOWED],
    ],
    [
      'a stage whose challenge no page can read',
      { api: withResponse('UNAUTHORIZED', withoutHeader('Access-Control-Expose-Headers')) },
      [MISSING],
      [/^An unknown key/, ALLOWED],
    ],
    [
      'a stage that says more than the contract',
      {
        api: withResponse('ACCESS_DENIED', (one) => ({
          ...one,
          responseTemplates: { 'application/json': '{"error":"x"}' },
        })),
      },
      [/^An unknown key/, CONFLICT],
      [MISSING, ALLOWED],
    ],
    [
      'a stage that refuses everything',
      { invoke: () => async () => ({ error: { name: 'Error', message: 'Unauthorized' }, log: [], durationMs: 0 }) },
      [ALLOWED, /^An unknown key/],
      [MISSING, PREFLIGHT],
    ],
    [
      'a stage with faults',
      { invoke: () => async () => ({ error: { name: 'Error', message: 'down' }, log: [], durationMs: 0 }) },
      [ALLOWED, /^An unknown key/, /alg none/],
      [MISSING, PREFLIGHT],
    ],
  ])('%s', async (_, options, failing, passing) => {
    const clock = createMovedClock(Date.now());
    const url = await stages.start({ ttl: 60, clock, ...options });
    const run = await smokeBy(
      clock,
      ...['--url', url, '--key', stages.key, '--token', stages.token, '--json'],
      ...(failing.includes(ENDING) ? ['--expiring-token', await stages.tokenEndingIn(100)] : []),
    );
    const failed = namesOf(run, 'fail');
    const isWrong = (name: string) => failing.some((pattern) => pattern.test(name));
    for (const pattern of failing) expect(failed).toContainEqual(expect.stringMatching(pattern));
    expect(namesOf(run, 'pass').filter(isWrong)).toEqual([]);
    for (const pattern of passing) {
      expect(failed.filter((name) => pattern.test(name) && !isWrong(name))).toEqual([]);
    }
    expect(run.status).toBe(1);
  });

  it('a stage that lets everything through: all but those that want nothing else', async () => {
    const everything: Gateway = async () => ({ status: 200, headers: {}, body: '{}' });
    const clock = createMovedClock(Date.now());
    const url = await stages.start({ ttl: 60, clock, gateway: () => everything });
    const { key, command } = await stages.revocable();
    const run = await smokeBy(
      clock,
      ...['--url', url, '--key', stages.key, '--token', stages.token, '--json', '--ttl', '0'],
      ...['--expiring-token', await stages.tokenEndingIn(100), '--revocable-key', key, '--revoke', command],
    );
    for (const name of namesOf(run, 'pass')) expect(name).toMatch(LET_THROUGH);
    expect(namesOf(run, 'fail').length).toBeGreaterThan(25);
    expect(namesOf(run, 'fail').filter((name) => LET_THROUGH.test(name))).toEqual([]);
    expect(run.status).toBe(1);
  });

  it('a stage that caches results longer than was said', async () => {
    const clock = createMovedClock(Date.now());
    const url = await stages.start({ ttl: 60, clock });
    const { key, command } = await stages.revocable();
    const args = ['--url', url, '--json', '--ttl', '0', '--revocable-key', key, '--revoke', command];
    const run = await smokeBy(clock, ...args);
    expect(namesOf(run, 'fail')).toEqual([expect.stringMatching(REVOKED)]);
    expect(run).toMatchObject({ status: 1, out: expect.stringMatching(/200 still, 5\.0 s after its revocation/) });
  });

  it('an HTTP API whose refusals are taken for those of a REST API', async () => {
    const run = await smokeBy(undefined, '--url', await stages.start({ ttl: 60, kind: 'http' }), '--json');
    expect(namesOf(run, 'pass')).toEqual([expect.stringMatching(PREFLIGHT), expect.stringMatching(PREFLIGHT)]);
    expect(run.status).toBe(1);
  });
});

type GatewayResponses = Api['gatewayResponses'];
type Response = GatewayResponses[string];

function withResponse(type: string, change: (response: Response) => Response): (api: Api) => Api {
  return (api) => {
    const response = api.gatewayResponses[type];
    if (response === undefined) throw new Error(`The template has no gateway response ${type}.`);
    return { ...api, gatewayResponses: { ...api.gatewayResponses, [type]: change(response) } };
  };
}

function withoutHeader(name: string): (response: Response) => Response {
  return (response) => {
    const { [`gatewayresponse.header.${name}`]: _, ...others } = response.responseParameters;
    return { ...response, responseParameters: others };
  };
}

/** Only the Allow is left, and it holds for ever. */
function withoutConditions(result: Result): Result {
  const { policyDocument } = result;
  const isEnding = policyDocument.Statement.length > 1 && result.principalId !== 'anonymous';
  if (!isEnding) return result;
  const Statement = policyDocument.Statement.slice(0, 1);
  return withStatements({ ...result, policyDocument: { ...policyDocument, Statement } }, () => ({ Condition: {} }));
}

function forOneRoute(result: Result, event: object): Result {
  if (result.principalId === 'anonymous' || !('methodArn' in event)) return result;
  return withStatements(result, () => ({ Resource: event.methodArn }));
}

function openedByOptions(gateway: Gateway): Gateway {
  const opened = new Set<string>();
  return async (request) => {
    const [value] = headerValues(request, 'authorization');
    if (request.method === 'OPTIONS' && value !== undefined) opened.add(value);
    const isOpen = request.method !== 'OPTIONS' && value !== undefined && opened.has(value);
    return isOpen ? { status: 200, headers: {}, body: '{}' } : gateway(request);
  };
}

function takingTheLast(gateway: Gateway): Gateway {
  return (request) => {
    const isCredential = ([name]: HttpRequest['headers'][number]) => name.toLowerCase() === 'authorization';
    const last = request.headers.filter(isCredential).slice(-1);
    return gateway({ ...request, headers: [...request.headers.filter((one) => !isCredential(one)), ...last] });
  };
}
