import { randomBytes } from 'node:crypto';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/fault.ts';
import { createApiKey, createKeyId } from '../../src/key-format/format.ts';
import { METHODS } from '../support/caller.ts';
import { arnOf, CASE_NAMES, type GatewayEvent, loadEvent } from '../support/events.ts';
import { fixedBytes } from '../support/fixed-bytes.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { judge } from '../support/policy-evaluator.ts';
import { fc } from '../support/properties.ts';
import { createFailingClient } from '../support/scripted-client.ts';
import { leaksOf, textsOf } from '../support/secrets.ts';
import { withOtherSecret } from '../support/seed.ts';

const start = useGatepass();

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** What API Gateway takes from a REQUEST authorizer; anything else it answers with a 500. */
const resultSchema = v.strictObject({
  principalId: v.pipe(v.string(), v.minLength(1)),
  policyDocument: v.strictObject({
    Version: v.literal('2012-10-17'),
    Statement: v.pipe(
      v.array(
        v.strictObject({
          Action: v.literal('execute-api:Invoke'),
          Effect: v.picklist(['Allow', 'Deny']),
          Resource: v.union([v.string(), v.array(v.string())]),
          Condition: v.optional(v.record(v.string(), v.unknown())),
        }),
      ),
      v.minLength(1),
    ),
  }),
  context: v.optional(v.record(v.pipe(v.string(), v.regex(/^[a-zA-Z]+$/)), v.pipe(v.string(), v.regex(/^\P{Cc}+$/u)))),
});

type Outcome = { readonly result: APIGatewayAuthorizerResult } | { readonly fault: unknown };

async function outcomeOf(gatepass: Gatepass, event: unknown): Promise<Outcome> {
  return gatepass.authorize(event).then(
    (result) => ({ result }),
    (fault: unknown) => ({ fault }),
  );
}

describe('for any event at all', () => {
  it('answers a result that API Gateway takes or throws a known fault, and allows nothing without credentials', async () => {
    const gatepass = start();
    await fc.assert(
      fc.asyncProperty(anyEvent(), async (event) => {
        const outcome = await outcomeOf(gatepass, event);
        if ('fault' in outcome) {
          expect(outcome.fault).toBeInstanceOf(Fault);
          expect(outcome.fault).toMatchObject({ reason: 'fault.event' });
          return;
        }
        const { policyDocument } = v.parse(resultSchema, outcome.result);
        const allowed = policyDocument.Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(
          (it) => it.Resource,
        );
        for (const resource of allowed) expect(resource).toMatch(/\/OPTIONS\/\*$/);
      }),
      { numRuns: 1000 },
    );
    // One line a decision, whatever it was of.
    for (const line of gatepass.lines) expect(() => JSON.parse(line)).not.toThrow();
  });
});

/** JSON of any kind, and the sample events with parts of them replaced by it. None holds good credentials. */
function anyEvent(): fc.Arbitrary<unknown> {
  const credentials = fc.oneof(
    fc.string(),
    fc.constantFrom('', 'Bearer', 'Bearer x', 'Bearer a.b.c', 'gp_live_x', 'Basic dXNlcjpwYXNz'),
    fc.string().map((text) => `Bearer ${text}`),
  );
  const sample = fc.tuple(fc.constantFrom(...CASE_NAMES), credentials).map(([name, value]) => loadEvent(name, value));
  const replaced = fc
    .tuple(
      sample,
      fc.array(fc.tuple(fc.infiniteStream(fc.nat()), fc.jsonValue({ maxDepth: 2 })), { minLength: 1, maxLength: 3 }),
    )
    .map(([event, changes]) => changes.reduce((json: unknown, [path, value]) => replaceAt(json, path, value), event));
  return fc.oneof(fc.jsonValue(), fc.anything({ maxDepth: 2 }), sample, { weight: 4, arbitrary: replaced });
}

/** Replaces one part of a JSON value: the path's numbers choose the way down to it. */
function replaceAt(json: unknown, path: Iterator<number>, value: unknown): unknown {
  const choice: number = path.next().value ?? 0;
  if (typeof json !== 'object' || json === null || choice % 5 === 0) return value;
  const entries = Object.entries(json);
  const chosen = choice % Math.max(1, entries.length);
  const replaced = entries.map(
    ([name, part], at) => [name, at === chosen ? replaceAt(part, path, value) : part] as const,
  );
  return Array.isArray(json) ? replaced.map(([, part]) => part) : Object.fromEntries(replaced);
}

describe('for any credential, in any place of any event, whatever fails', () => {
  it('no part of it is in the result, the log or what is thrown', async () => {
    const seeded = start();
    const userId = await seeded.seed.user();
    const good = await seeded.seed.key(userId);
    const unreadable = await seeded.seed.key(userId, { active: 'yes' });
    const imported = await seeded.seed.importedKey(userId, `legacy_${randomBytes(24).toString('base64url')}`);
    const thief = withOtherSecret(good);
    const token = await seeded.realm.token();
    const [headerAndClaims, signature = ''] = [token.slice(0, token.lastIndexOf('.')), token.split('.')[2]];

    /** What is sent, and what of it is a secret. */
    const credential = fc.oneof(
      fc.constantFrom(
        { value: good.key, secret: good.secret },
        { value: unreadable.key, secret: unreadable.secret },
        { value: imported.key, secret: imported.key },
        { value: `Bearer ${imported.key}`, secret: imported.key },
        { value: thief, secret: thief.slice(thief.lastIndexOf('_') + 1) },
        { value: `Bearer ${token}`, secret: signature },
        { value: token, secret: token },
        { value: `Bearer ${token}x`, secret: signature },
        { value: `Bearer ${headerAndClaims}.${signature}.${signature}`, secret: signature },
      ),
      fc.stringMatching(/^[A-Za-z0-9_.-]{20,200}$/).map((value) => ({ value, secret: value })),
      fc.stringMatching(/^[A-Za-z0-9_-]{20,200}$/).map((secret) => ({ value: `Bearer ${secret}`, secret })),
      fc.stringMatching(/^[A-Za-z0-9_-]{20,99}$/).map((secret) => ({ value: `gp_live_${secret}`, secret })),
      fc.stringMatching(/^[A-Za-z0-9+/]{20,99}$/).map((secret) => ({ value: `Basic ${secret}`, secret })),
      fc.tuple(fc.nat(token.length - 1), fc.constantFrom('A', 'z', '.', '~', ' ')).map(([at, character]) => ({
        value: `Bearer ${token.slice(0, at)}${character}${token.slice(at + 1)}`,
        secret: signature.slice(-200),
      })),
    );
    const failure = fc.constantFrom<keyof typeof FAILURES>('none', 'table', 'realm', 'both');

    await fc.assert(
      fc.asyncProperty(credential, placement(), failure, async ({ value, secret }, place, fails) => {
        const { table, realm } = FAILURES[fails];
        const gatepass = start(table ? { client: createFailingClient() } : {});
        // A realm whose error tells all it knows, and one that knows the token's key.
        if (realm) gatepass.realm.answer(new Error('connect ECONNREFUSED', { cause: { request: 'GET /certs' } }));
        else gatepass.realm.publish(seeded.realm.signing.jwk);

        const outcome = await outcomeOf(gatepass, place(value));

        const texts = [...textsOf('fault' in outcome ? outcome.fault : outcome.result), ...gatepass.lines];
        expect(leaksOf(secret, texts)).toEqual([]);
        expect(gatepass.lines).toHaveLength(1);
      }),
      { numRuns: 400 },
    );
  });
});

const FAILURES = {
  none: { table: false, realm: false },
  table: { table: true, realm: false },
  realm: { table: false, realm: true },
  both: { table: true, realm: true },
} as const;

/** Puts a credential where it belongs in any sample event, and perhaps where it doesn't. */
function placement(): fc.Arbitrary<(credential: string) => GatewayEvent> {
  return fc
    .tuple(
      fc.constantFrom(...CASE_NAMES),
      fc.constantFrom<(event: GatewayEvent, credential: string) => GatewayEvent>(
        (event) => event,
        (event) => event,
        (event, key) => ({ ...event, queryStringParameters: { api_key: key }, body: key, cookies: [key] }),
        (event, key) => ({ ...event, headers: { ...Object(event['headers']), 'X-Api-Key': key, AUTHORIZATION: key } }),
        (event, key) => ({ ...event, headers: { [key]: key }, path: key, authorizationToken: key }),
        (event, key) => ({ ...event, methodArn: `${event['methodArn']}/${key}`, stageVariables: { key } }),
        (event, key) => ({ ...event, methodArn: key, routeArn: key }),
        (event, key) => ({ ...event, type: key, version: key }),
      ),
    )
    .map(
      ([name, place]) =>
        (credential) =>
          place(loadEvent(name, credential), credential),
    );
}

function anyKey(random: (size: number) => Uint8Array): string {
  return createApiKey({ prefix: 'gp', environment: 'live', keyId: createKeyId('ada', random) }, random);
}

describe('for any mistyped key', () => {
  it('nothing is looked up: any one character that is another', async () => {
    const gatepass = start();
    const { key } = await gatepass.seed.key(await gatepass.seed.user());
    // CRC-32 finds every error within 32 bits, and a character is 8: so this holds for every key and not just for most.
    for (let at = 0; at < key.length; at++) {
      for (const character of `${BASE62}_-. `) {
        if (character === key[at]) continue;
        await gatepass.answer(key.slice(0, at) + character + key.slice(at + 1));
      }
    }
    const reasons = gatepass.lines.map((line) => JSON.parse(line).reason);
    expect(new Set(reasons)).toEqual(new Set(['api_key.malformed']));
    expect(reasons).toHaveLength(key.length * (BASE62.length + 3));
    expect(gatepass.table.operations).toEqual([]);
  });

  it('nothing is looked up: any two neighbours that changed places, any character left out, doubled or added', async () => {
    const gatepass = start();
    const key = anyKey(fixedBytes('typos'));
    const typos = new Set<string>();
    for (let at = 0; at < key.length; at++) {
      const [before, character, next = '', after] = [key.slice(0, at), key.charAt(at), key[at + 1], key.slice(at + 2)];
      typos.add(before + next + character + after).add(before + next + after);
      for (const added of [character, '0', 'a', '_']) typos.add(before + added + character + next + after);
    }
    typos.delete(key);
    for (const typo of typos) await gatepass.answer(typo);
    expect(new Set(gatepass.lines.map((line) => JSON.parse(line).reason))).toEqual(new Set(['api_key.malformed']));
    expect(gatepass.table.operations).toEqual([]);
  });

  it('nothing is looked up: what only has the shape of a key', async () => {
    const gatepass = start({ client: createFailingClient() });
    const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const checksum = fc.stringMatching(/^[0-9A-Za-z]{6}$/);
    await fc.assert(
      fc.asyncProperty(bytes, checksum, async (random, wrong) => {
        const key = anyKey((size) => random.subarray(0, size));
        fc.pre(!key.endsWith(wrong));
        expect((await gatepass.answer(key.slice(0, -6) + wrong)).log.reason).toBe('api_key.malformed');
      }),
    );
  });
});

describe('for any path and method', () => {
  const path = fc.oneof(
    fc.webPath().map((text) => text || '/'),
    fc.string().map((text) => `/${text}`),
    fc.constantFrom('/', '/*', '/?', '/OPTIONS/x'),
  );
  const method = fc.constantFrom(...METHODS);
  const stages = CASE_NAMES.map((name) => loadEvent(name, 'x')).filter(
    (event) =>
      /^arn:[^/]*\/[^/]+\/[A-Z]+\//.test(String(event['methodArn'] ?? event['routeArn'])) &&
      event['type'] === 'REQUEST',
  );
  const event = fc.constantFrom(...stages);
  /** The same event, with what a REST API and an HTTP API call its header, or without. */
  const withHeader = (base: GatewayEvent, value: string | undefined): GatewayEvent => {
    const headers = value === undefined ? {} : { authorization: value };
    return { ...base, headers, multiValueHeaders: null, identitySource: null };
  };

  it('a refusal denies every method but OPTIONS, whichever route it was asked for', async () => {
    const gatepass = start();
    const value = fc.constantFrom(undefined, '', 'Bearer', 'Bearer x', 'gp_live_x', 'Basic dXNlcjpwYXNz');
    await fc.assert(
      fc.asyncProperty(
        event,
        method,
        path,
        method,
        path,
        value,
        async (base, asked, askedPath, later, laterPath, bad) => {
          const { result, log } = await gatepass.answer(withArn(withHeader(base, bad), asked, askedPath));
          expect(log.outcome).toBe('deny');
          const verdict = (name: string) => judge(result.policyDocument, { arn: arnOf(base, name, laterPath), now: 0 });
          expect(verdict(later)).toBe('explicit deny');
          expect(verdict('OPTIONS')).toBe('allow');
        },
      ),
    );
  });

  it('an Allow covers every method and path of its stage, and nothing of any other', async () => {
    const gatepass = start();
    const { key } = await gatepass.seed.key(await gatepass.seed.user());
    const any = fc.constantFrom(...METHODS, 'OPTIONS');
    await fc.assert(
      fc.asyncProperty(event, any, path, any, path, event, async (base, asked, askedPath, later, laterPath, other) => {
        const { result, log } = await gatepass.answer(withArn(withHeader(base, key), asked, askedPath));
        expect(log.outcome).toBe('allow');
        const verdict = (on: GatewayEvent) =>
          judge(result.policyDocument, { arn: arnOf(on, later, laterPath), now: 0 });
        expect(verdict(base)).toBe('allow');
        if (arnOf(other, '', '') !== arnOf(base, '', '')) expect(verdict(other)).toBe('implicit deny');
      }),
    );
  });

  it('an Allow of OPTIONS without credentials allows no other method', async () => {
    const gatepass = start();
    await fc.assert(
      fc.asyncProperty(event, path, method, path, async (base, askedPath, later, laterPath) => {
        const { result, log } = await gatepass.answer(withArn(withHeader(base, undefined), 'OPTIONS', askedPath));
        expect(log.outcome).toBe('preflight');
        const verdict = (name: string) => judge(result.policyDocument, { arn: arnOf(base, name, laterPath), now: 0 });
        expect(verdict('OPTIONS')).toBe('allow');
        expect(verdict(later)).toBe('implicit deny');
      }),
    );
  });
});

/** The event as it were for another method and path. */
function withArn(event: GatewayEvent, method: string, path: string): GatewayEvent {
  const name = event['version'] === '2.0' ? 'routeArn' : 'methodArn';
  return { ...event, [name]: arnOf(event, method, path) };
}
