import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Gateway } from '../../src/local/gateway/gateway.ts';
import { headerValues } from '../../src/local/gateway/http.ts';
import { type LocalStages, type StageOptions, startLocalStages } from '../smoke/support/local-stage.ts';
import { withPage } from './support/chromium.ts';
import { type PageRequest, type Seen, servePage } from './support/page-server.ts';

const chromium = inject('chromium');
const CHALLENGE = 'Bearer realm="api"';

let stages: LocalStages;

beforeAll(async () => {
  stages = await startLocalStages();
});

afterAll(() => stages.stop());

describe.skipIf(chromium === '').each([
  { mode: 'cached', ttl: 60 },
  { mode: 'uncached', ttl: 0 },
])('a page of another origin, with results $mode', ({ ttl }) => {
  it('has its preflight passed, and reads what is refused and why, and what is allowed', async () => {
    const { key, token } = stages;
    const { seen, received } = await visit({ ttl }, (stage) => [
      request('nothing', `${stage}/api/v1/whoami`),
      request('a scheme alone', `${stage}/api/v1/whoami`, 'Bearer'),
      request('a bad key', `${stage}/api/v1/whoami`, 'gp_live_bad'),
      request('a bad token', `${stage}/api/v1/whoami`, 'Bearer bad'),
      request('a good key', `${stage}/api/v1/whoami`, key),
      request('a good token', `${stage}/api/v1/whoami`, `Bearer ${token}`),
      request('a good token, to POST', `${stage}/api/v1/other`, `Bearer ${token}`, 'POST'),
    ]);

    expect(seen).toEqual({
      nothing: refusal('missing_authorization', 'Authorization header is missing'),
      'a scheme alone': refusal('missing_api_key', 'API key is missing'),
      'a bad key': refusal('invalid_api_key', 'Invalid or inactive API key'),
      'a bad token': refusal('invalid_token', 'Invalid token payload'),
      'a good key': { ...allowed, body: expect.objectContaining({ authMethod: 'api_key', userId: 'user-42' }) },
      'a good token': { ...allowed, body: expect.objectContaining({ authMethod: 'bearer', userId: 'user-42' }) },
      'a good token, to POST': { ...allowed, body: { route: 'POST /api/v1/{proxy+}', userId: 'user-42' } },
    });
    // The browser did ask first, without credentials, and of another origin than the API's.
    expect(received.filter(({ method }) => method === 'OPTIONS')).toEqual([
      { method: 'OPTIONS', path: '/prod/api/v1/whoami', hasCredentials: false, isOtherOrigin: true },
      { method: 'OPTIONS', path: '/prod/api/v1/other', hasCredentials: false, isOtherOrigin: true },
    ]);
  });
});

describe.skipIf(chromium === '')('a page', () => {
  it('of the configured origin reads the answers', async () => {
    const { seen } = await visit(
      (origin) => ({ ttl: 60, corsOrigin: origin }),
      (stage) => [
        request('a good key', `${stage}/api/v1/whoami`, stages.key),
        request('nothing', `${stage}/api/v1/whoami`),
      ],
    );
    expect(seen['a good key']).toMatchObject(allowed);
    expect(seen['nothing']).toMatchObject({ status: 401, challenge: CHALLENGE });
  });

  it('of an origin that is not the configured one reads nothing, and its credentials are not even sent', async () => {
    const { seen, received } = await visit({ ttl: 60, corsOrigin: 'https://app.example.com' }, (stage) => [
      request('a good key', `${stage}/api/v1/whoami`, stages.key),
      request('nothing', `${stage}/api/v1/whoami`),
    ]);
    expect(seen).toEqual({ 'a good key': { unreadable: 'TypeError' }, nothing: { unreadable: 'TypeError' } });
    expect(received.some(({ hasCredentials }) => hasCredentials)).toBe(false);
  });
});

const allowed = { status: 200, challenge: null };

function refusal(error: string, message: string): Seen {
  return { status: 401, challenge: CHALLENGE, body: { error, message } };
}

function request(name: string, url: string, authorization?: string, method = 'GET'): PageRequest {
  return { name, url, init: { method, ...(authorization !== undefined && { headers: { authorization } }) } };
}

interface Received {
  readonly method: string;
  readonly path: string;
  readonly hasCredentials: boolean;
  readonly isOtherOrigin: boolean;
}

/** Opens a page that makes these requests to a stage, and tells what the page saw and what the stage got. */
async function visit(
  options: StageOptions | ((origin: string) => StageOptions),
  requests: (stage: string) => readonly PageRequest[],
): Promise<{ seen: Readonly<Record<string, Seen>>; received: readonly Received[] }> {
  const received: Received[] = [];
  const recorded =
    (gateway: Gateway): Gateway =>
    (one) => {
      const [origin] = headerValues(one, 'origin');
      const [host] = headerValues(one, 'host');
      received.push({
        method: one.method,
        path: one.path,
        hasCredentials: headerValues(one, 'authorization').length > 0,
        isOtherOrigin: origin !== undefined && origin !== `http://${host}`,
      });
      return gateway(one);
    };
  let stage = '';
  const page = await servePage(() => requests(stage));
  try {
    const chosen = typeof options === 'function' ? options(page.origin) : options;
    stage = await stages.start({ ...chosen, gateway: recorded });
    return { seen: await withPage(chromium, page.origin, page.seen), received };
  } finally {
    await page.stop();
  }
}
