import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newRsaKey } from '../../src/rsa-key.ts';
import { functionEnvironment } from './support/environment.ts';
import { expectFault, expectNoCredentialIn } from './support/expectations.ts';
import { type LambdaFunction, startFunction } from './support/function.ts';
import { type JwksProxy, startJwksProxy } from './support/jwks-proxy.ts';
import { createKeptKeycloak, type RunningKeycloak } from './support/keycloak.ts';
import { report } from './support/progress.ts';
import { importRealm, type Realm } from './support/realm.ts';
import { addSigningKey } from './support/realm-keys.ts';

// A Keycloak of this file's own, because it is stopped and started again.

/** The longest pause without a set (5 s), one fetch (2 s), and what a busy machine adds. */
const RECOVERED_WITHIN_MS = 8000;
/** The pause between fetches for unknown keys (10 s), and the same. */
const ROTATED_WITHIN_MS = 13_000;

let folder: string;
let kept: { start(): Promise<RunningKeycloak> };
let running: RunningKeycloak;
let realm: Realm;
let token: string;
const functions: LambdaFunction[] = [];
const proxies: JwksProxy[] = [];

async function start(change: Readonly<Record<string, string>> = {}): Promise<LambdaFunction> {
  const started = await startFunction(functionEnvironment({ GATEPASS_ISSUER: realm.issuer, ...change }));
  functions.push(started);
  return started;
}

async function startProxy(): Promise<JwksProxy> {
  const started = await startJwksProxy(realm.issuer);
  proxies.push(started);
  return started;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatepass-keycloak-'));
  kept = await createKeptKeycloak(folder);
  running = await kept.start();
  realm = await importRealm(running.keycloak);
  await realm.admin.put('', { accessTokenLifespan: 1800 });
  token = await realm.serviceToken('demo-service');
}, 240_000);

afterAll(async () => {
  await Promise.all([...functions, ...proxies, ...(running ? [running] : [])].map((one) => one.stop()));
  await rm(folder, { recursive: true, force: true });
});

describe('good tokens', () => {
  test('are let in while Keycloak is restarted, and within seconds of its return by a function that starts with it', async () => {
    const warm = await start();
    expect(await reasonOf(warm, token)).toBe('token.valid');
    await running.stop();

    const cold = await start();
    const restarted = kept.start();
    const isBack = restarted.then(() => Date.now());
    const onWarm = watch(warm, token, restarted);
    const onCold = watch(cold, token, waitFor(cold, token, restarted));
    running = await restarted;
    const { reasons, allowedAt } = await onCold;

    expect((await onWarm).reasons).toEqual(new Set(['token.valid']));
    expect(reasons).toEqual(new Set(['fault.realm_keys', 'token.valid']));
    const recoveredMs = Math.max(0, allowedAt - (await isBack));
    report(`recovered ${recoveredMs} ms after Keycloak was back`);
    expect(recoveredMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 240_000);

  test('of a key that was rotated in are let in within ten seconds, under a flood of forged ones', async () => {
    const proxy = await startProxy();
    const authorizer = await start({ GATEPASS_JWKS_URI: proxy.uri });
    expect(await reasonOf(authorizer, token)).toBe('token.valid');
    const flood = startFlood(authorizer, token);
    while (!flood.reasons().has('fault.realm_keys_limited')) await sleep(50);

    await addSigningKey(realm.admin, 200);
    const fresh = await realm.serviceToken('demo-service');
    expect(decodeProtectedHeader(fresh).kid).not.toBe(decodeProtectedHeader(token).kid);
    const rotatedAt = Date.now();
    const allowed = waitFor(authorizer, fresh);
    const [onFresh, onOld] = await Promise.all([watch(authorizer, fresh, allowed), watch(authorizer, token, allowed)]);
    const forged = await flood.stop();

    expect(onOld.reasons).toEqual(new Set(['token.valid']));
    onFresh.reasons.delete('fault.realm_keys_limited'); // unless the fetch came first
    expect(onFresh.reasons).toEqual(new Set(['token.valid']));
    expect(flood.reasons()).toEqual(new Set(['token.unknown_key', 'fault.realm_keys_limited']));
    const rotatedMs = onFresh.allowedAt - rotatedAt;
    report(`rotated in after ${rotatedMs} ms, with ${forged} forged tokens and ${proxy.askedAt.length} fetches`);
    expect(rotatedMs).toBeLessThan(ROTATED_WITHIN_MS);
    const floodMs = Date.now() - (proxy.askedAt[0] ?? 0);
    expect(proxy.askedAt.length).toBeLessThanOrEqual(1 + 3 + Math.floor(floodMs / 10_000));
  }, 60_000);

  test('are let in while the realm answers an empty set, and within seconds of its return by a function that started meanwhile', async () => {
    const proxy = await startProxy();
    const warm = await start({ GATEPASS_JWKS_URI: proxy.uri });
    expect(await reasonOf(warm, token)).toBe('token.valid');
    proxy.answer('empty');
    expectFault(await warm.authorize(`Bearer ${await forge(token)}`), 'fault.realm_keys');
    const cold = await start({ GATEPASS_JWKS_URI: proxy.uri });
    expectFault(await cold.authorize(`Bearer ${token}`), 'fault.realm_keys');

    const isOver = sleep(3000);
    const onWarm = watch(warm, token, isOver);
    const onCold = watch(cold, token, isOver);
    expect((await onWarm).reasons).toEqual(new Set(['token.valid']));
    expect((await onCold).reasons).toEqual(new Set(['fault.realm_keys']));

    proxy.answer('realm');
    const backAt = Date.now();
    await waitFor(cold, token);
    const recoveredMs = Date.now() - backAt;
    report(`recovered ${recoveredMs} ms after the realm had its keys again`);
    expect(recoveredMs).toBeLessThan(RECOVERED_WITHIN_MS);
  }, 60_000);
});

test('a fetch that a freeze of the function interrupted is begun again for the token that thaws it', async () => {
  const proxy = await startProxy();
  proxy.answer('nothing');
  const authorizer = await start({ GATEPASS_JWKS_URI: proxy.uri, GATEPASS_JWKS_TIMEOUT_MS: '500' });
  while (proxy.askedAt.length === 0) await sleep(10);
  authorizer.freeze();
  await sleep(2000);
  proxy.answer('realm');
  const answered = reasonOf(authorizer, token);
  authorizer.thaw();
  expect(await answered).toBe('token.valid');
  expect(proxy.askedAt).toHaveLength(2);
});

test('the log holds none of the tokens', () => {
  expectNoCredentialIn(functions);
});

async function reasonOf(authorizer: LambdaFunction, value: string): Promise<string> {
  return (await authorizer.authorize(`Bearer ${value}`)).log.reason;
}

/** Decides a token again and again until something has happened, and once more. */
async function watch(
  authorizer: LambdaFunction,
  value: string,
  until: Promise<unknown>,
): Promise<{ readonly reasons: Set<string>; readonly allowedAt: number }> {
  const reasons = new Set<string>();
  let allowedAt = Number.POSITIVE_INFINITY;
  let isOver = false;
  const over = until.finally(() => {
    isOver = true;
  });
  for (;;) {
    const isLast = isOver;
    const reason = await reasonOf(authorizer, value);
    reasons.add(reason);
    if (reason === 'token.valid') allowedAt = Math.min(allowedAt, Date.now());
    if (isLast) break;
    await sleep(100);
  }
  await over;
  return { reasons, allowedAt };
}

/** Until a token is let in, once something has happened. */
async function waitFor(authorizer: LambdaFunction, value: string, after?: Promise<unknown>): Promise<void> {
  await after;
  while ((await reasonOf(authorizer, value)) !== 'token.valid') await sleep(100);
}

/** Forged tokens of good claims and unknown keys, some twenty in a second. */
function startFlood(authorizer: LambdaFunction, model: string) {
  const reasons = new Set<string>();
  let isOver = false;
  async function run(): Promise<number> {
    let sent = 0;
    for (; !isOver; sent++) {
      reasons.add(await reasonOf(authorizer, await forge(model)));
      await sleep(50);
    }
    return sent;
  }
  const sent = run();
  return {
    reasons: () => reasons,
    stop: () => {
      isOver = true;
      return sent;
    },
  };
}

const STRANGER = newRsaKey();

function forge(model: string): Promise<string> {
  const claims = { ...decodeJwt(model), iat: Math.floor(Date.now() / 1000) };
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: randomUUID() }).sign(STRANGER);
}
