import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { functionEnvironment } from './support/environment.ts';
import { expectNoCredentialIn, expectRefused } from './support/expectations.ts';
import { type Answer, type LambdaFunction, startFunction } from './support/function.ts';
import { importRealm, type Realm, type RealmUser } from './support/realm.ts';
import { addSigningKey, disableKey } from './support/realm-keys.ts';

let realm: Realm;
let ada: RealmUser;
const functions: LambdaFunction[] = [];

async function start(): Promise<LambdaFunction> {
  const started = await startFunction(functionEnvironment({ GATEPASS_ISSUER: realm.issuer }));
  functions.push(started);
  return started;
}

async function newToken(): Promise<{ token: string; kid: string }> {
  const { access_token: token } = await realm.logIn('demo-web', ada);
  return { token, kid: decodeProtectedHeader(token).kid ?? '' };
}

beforeAll(async () => {
  realm = await importRealm(inject('keycloak'), 'gatepass-rotation');
  ada = await realm.createUser({ username: 'ada', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' });
});

afterAll(() => Promise.all(functions.map((one) => one.stop())));

describe('allowed', () => {
  test('a token under a new key, at once and by the function that ran before; the old one as before', async () => {
    const running = await start();
    const before = await newToken();
    expectValid(await running.authorize(`Bearer ${before.token}`), before);

    await addSigningKey(realm.admin, 200);
    const after = await newToken();
    expect(after.kid).not.toBe(before.kid);

    expectValid(await running.authorize(`Bearer ${after.token}`), after);
    expectValid(await running.authorize(`Bearer ${before.token}`), before);
  });
});

describe('401 invalid_token', () => {
  test('a token whose key the realm has withdrawn, by a function that has not seen the key', async () => {
    const withdrawn = await newToken();
    await addSigningKey(realm.admin, 300);
    await disableKey(realm.admin, withdrawn.kid);
    const replacement = await newToken();

    const fresh = await start();
    expectRefused(await fresh.authorize(`Bearer ${withdrawn.token}`), 'token.unknown_key', 'invalid_token');
    expectValid(await fresh.authorize(`Bearer ${replacement.token}`), replacement);
  });
});

test('the log holds none of the tokens', () => {
  expectNoCredentialIn(functions);
});

function expectValid({ result, log }: Answer, { token, kid }: { token: string; kid: string }): void {
  expect({ outcome: log.outcome, reason: log.reason, kid: log.kid }).toEqual({
    outcome: 'allow',
    reason: 'token.valid',
    kid,
  });
  expect(result?.principalId).toBe(decodeJwt(token).sub);
}
