import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/key-format/hash.ts';
import { apiKeyAt } from '../../src/table/items.ts';
import { loadEvent } from '../support/events.ts';
import { type Gatepass, useGatepass } from '../support/gatepass.ts';
import { makeKeyPair, sign } from '../support/realm.ts';
import { leaksOf } from '../support/secrets.ts';

const start = useGatepass();

/** What every line holds, whatever was decided. */
const ALWAYS = [
  '_aws',
  'apiId',
  'authMethod',
  'decisions',
  'durationMs',
  'level',
  'message',
  'outcome',
  'reason',
  'requestId',
  'sourceIp',
  'stage',
  'tableRequests',
  'timestamp',
];

const GRACE = {
  rotatedAt: Date.parse('2026-11-24T00:00:00Z') / 1000,
  replacedUntil: Date.parse('2096-11-24T00:00:00Z') / 1000,
};

interface Case {
  readonly present: (gatepass: Gatepass) => Promise<string> | string;
  readonly fields: readonly string[];
  readonly line: Readonly<Record<string, unknown>>;
}

const DECIDED: Readonly<Record<string, Case>> = {
  'an allowed key': {
    present: async ({ seed }) => (await seed.key(await seed.user())).key,
    fields: ['apiKeyId', 'secret', 'userId'],
    line: { level: 'INFO', outcome: 'allow', reason: 'api_key.valid', authMethod: 'api_key', secret: 'current' },
  },
  'a key in the grace of its replaced secret': {
    async present({ seed }) {
      const { key, keyId } = await seed.key(await seed.user(), GRACE);
      await seed.change(apiKeyAt(keyId), 'replacedHash', hashApiKey(key));
      await seed.change(apiKeyAt(keyId), 'hash', '0'.repeat(64));
      return key;
    },
    fields: ['apiKeyId', 'secret', 'secretSince', 'secretUntil', 'userId'],
    line: {
      ...{ outcome: 'allow', reason: 'api_key.valid', secret: 'replaced', secretSince: '2026-11-24T00:00:00Z' },
      secretUntil: '2096-11-24T00:00:00Z',
    },
  },
  'a key outside its networks': {
    present: async ({ seed }) => (await seed.key(await seed.user(), { allowedNetworks: ['198.51.100.0/24'] })).key,
    fields: ['apiKeyId', 'outsideNetworks', 'secret', 'userId'],
    line: { level: 'INFO', outcome: 'allow', reason: 'api_key.valid', outsideNetworks: true },
  },
  'a key within its networks': {
    present: async ({ seed }) => (await seed.key(await seed.user(), { allowedNetworks: ['192.0.2.0/24'] })).key,
    fields: ['apiKeyId', 'secret', 'userId'],
    line: { level: 'INFO', outcome: 'allow', reason: 'api_key.valid' },
  },
  'a key with another secret': {
    present: async ({ seed }) => (await seed.key(await seed.user(), { hash: '0'.repeat(64) })).key,
    fields: ['apiKeyId', 'userId'],
    line: { level: 'WARN', outcome: 'deny', reason: 'api_key.secret' },
  },
  'a refused key': {
    present: async ({ seed }) => (await seed.key(await seed.user(), { active: false })).key,
    fields: ['apiKeyId', 'secret', 'userId'],
    line: { level: 'INFO', outcome: 'deny', reason: 'api_key.inactive', authMethod: 'api_key', tableRequests: 1 },
  },
  'a malformed key': {
    present: () => 'Basic dXNlcjpwYXNz',
    fields: [],
    line: { level: 'INFO', outcome: 'deny', reason: 'api_key.malformed', authMethod: 'api_key', tableRequests: 0 },
  },
  'an allowed token': {
    present: async ({ realm }) => `Bearer ${await realm.token()}`,
    fields: ['kid', 'userId'],
    line: { level: 'INFO', outcome: 'allow', reason: 'token.valid', authMethod: 'bearer', userId: 'user-42' },
  },
  'a forged token': {
    present: async ({ realm }) => `Bearer ${await sign(realm.claims(), makeKeyPair(1), { kid: realm.signing.kid })}`,
    fields: ['kid'],
    line: { level: 'WARN', outcome: 'deny', reason: 'token.signature', authMethod: 'bearer', tableRequests: 0 },
  },
  'a malformed token': {
    present: () => 'Bearer nonsense',
    fields: [],
    line: { level: 'INFO', outcome: 'deny', reason: 'token.malformed', authMethod: 'bearer', tableRequests: 0 },
  },
  'no credentials': {
    present: () => '',
    fields: [],
    line: { level: 'INFO', outcome: 'deny', reason: 'credentials.empty', authMethod: 'none', tableRequests: 0 },
  },
};

describe('the decision log', () => {
  it.each(Object.entries(DECIDED))('has one line for %s, with exactly these fields', async (_, one) => {
    const gatepass = start();
    const event = loadEvent('api-key-valid', await one.present(gatepass));
    gatepass.clock.advance(1);

    await gatepass.answer(event);

    expect(gatepass.lines).toHaveLength(1);
    const [text = ''] = gatepass.lines;
    expect(text.endsWith('\n')).toBe(true);
    const line = JSON.parse(text);
    expect(Object.keys(line).sort()).toEqual([...ALWAYS, ...one.fields].sort());
    expect(line).toMatchObject({
      ...one.line,
      message: `${one.line['outcome']}: ${one.line['reason']}`,
      timestamp: new Date(gatepass.clock.now()).toISOString(),
      sourceIp: '192.0.2.10',
      requestId: '4f6c1a52-7f0d-4d53-9a44-6b9a2f1e0c11',
      decisions: 1,
      durationMs: 0,
    });
  });

  it('has one line for a preflight', async () => {
    const gatepass = start();
    await gatepass.answer(loadEvent('options-without-credentials'));
    expect(gatepass.lines).toHaveLength(1);
    expect(JSON.parse(gatepass.lines[0] ?? '')).toMatchObject({
      level: 'INFO',
      outcome: 'preflight',
      reason: 'preflight',
      authMethod: 'none',
    });
  });

  it('has one line for a fault, with its causes by name and message', async () => {
    const gatepass = start();
    gatepass.realm.answer(new TypeError('connect ECONNREFUSED', { cause: new Error('no route') }));
    await gatepass.fail(`Bearer ${await gatepass.realm.token()}`);
    expect(gatepass.lines).toHaveLength(1);
    const line = JSON.parse(gatepass.lines[0] ?? '');
    expect(Object.keys(line).sort()).toEqual([...ALWAYS, 'fault', 'kid'].sort());
    expect(line).toMatchObject({ level: 'ERROR', outcome: 'fault', reason: 'fault.realm_keys', authMethod: 'bearer' });
    expect(line.fault).toMatch(
      /^Fault: The realm's keys could not be fetched from https:.* <- TypeError: connect ECONNREFUSED <- Error: no route$/,
    );
  });

  it('has one line for an event that can not be read, without an address or an id to name', async () => {
    const gatepass = start();
    await gatepass.fail(loadEvent('proxy-event', 'key'));
    const line = JSON.parse(gatepass.lines[0] ?? '');
    const expected = ALWAYS.filter((name) => !['sourceIp', 'requestId', 'apiId', 'stage'].includes(name));
    expect(Object.keys(line).sort()).toEqual([...expected, 'fault'].sort());
  });

  it('ends with a chain of causes that goes round', async () => {
    const gatepass = start();
    const error = new Error('round');
    error.cause = error;
    gatepass.realm.answer(error);
    const { log } = await gatepass.fail(`Bearer ${await gatepass.realm.token()}`);
    expect(String(log['fault']).split(' <- ')).toHaveLength(5);
  });

  it('tells how long the decision took', async () => {
    const gatepass = start();
    const gate = gatepass.realm.hold();
    const answered = gatepass.answer(`Bearer ${await gatepass.realm.token()}`);
    await new Promise((resolve) => setImmediate(resolve));
    gatepass.clock.advance(137);
    gate.release();
    expect((await answered).log).toMatchObject({ durationMs: 137 });
  });

  it.each([
    ['a space', 'key one'],
    ['a line break', 'key\nlevel=ERROR'],
    ['more than 64 characters', 'k'.repeat(65)],
    ['a credential', 'gp_live_x.y'],
  ])('does not repeat a kid with %s in it', async (_, kid) => {
    const gatepass = start();
    await gatepass.answer(`Bearer ${await gatepass.realm.token({}, { kid })}`);
    expect(JSON.parse(gatepass.lines[0] ?? '')).not.toHaveProperty('kid');
  });

  it('shows no credential that was made a user id, an imported key by its configured prefix', async () => {
    const gatepass = start();
    const secret = 'Zx81-Spectrum-48k-1982';
    const { log } = await gatepass.answer(`Bearer ${await gatepass.realm.token({ sub: `legacy_${secret}` })}`);
    expect(log).toMatchObject({ outcome: 'allow', userId: 'legacy…' });
  });

  it('repeats a kid that looks like one', async () => {
    const gatepass = start();
    await gatepass.answer(`Bearer ${await gatepass.realm.token({}, { kid: 'K-_'.padEnd(64, '9') })}`);
    expect(JSON.parse(gatepass.lines[0] ?? '')).toMatchObject({ kid: 'K-_'.padEnd(64, '9') });
  });

  it('names the user of a token only once it was believed', async () => {
    const gatepass = start();
    await gatepass.answer(`Bearer ${await gatepass.realm.token({ aud: 'account' })}`);
    expect(JSON.parse(gatepass.lines[0] ?? '')).not.toHaveProperty('userId');
  });

  it('holds no part of a credential, decided or not', async () => {
    const gatepass = start();
    const good = await gatepass.seed.key(await gatepass.seed.user());
    const refused = await gatepass.seed.key(await gatepass.seed.user(), { deleted: true });
    const token = await gatepass.realm.token();
    await gatepass.answer(good.key);
    await gatepass.answer(refused.key);
    await gatepass.answer(`Bearer ${token}`);
    await gatepass.answer(token);
    for (const secret of [good.secret, refused.secret, token]) expect(leaksOf(secret, gatepass.lines)).toEqual([]);
  });
});

/** The root of an EMF document, section by section as the specification names its limits. */
const emfSchema = v.looseObject({
  _aws: v.strictObject({
    Timestamp: v.pipe(v.number(), v.safeInteger()),
    CloudWatchMetrics: v.pipe(
      v.array(
        v.strictObject({
          Namespace: v.pipe(v.string(), v.minLength(1), v.maxLength(1024)),
          Dimensions: v.pipe(v.array(v.pipe(v.array(v.string()), v.maxLength(30))), v.minLength(1)),
          Metrics: v.pipe(
            v.array(
              v.strictObject({
                Name: v.pipe(v.string(), v.maxLength(1024)),
                Unit: v.picklist(['Count', 'Milliseconds']),
              }),
            ),
            v.minLength(1),
            v.maxLength(100),
          ),
        }),
      ),
      v.minLength(1),
    ),
  }),
});

describe("the decision log as CloudWatch's embedded metric format", () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
  it('names only dimensions and metrics that are members of the root: strings and numbers', async () => {
    const gatepass = start();
    for (const { present } of Object.values(DECIDED)) await gatepass.answer(await present(gatepass));
    await gatepass.answer(loadEvent('options-without-credentials'));
    await gatepass.fail(loadEvent('proxy-event', 'key'));
    expect(gatepass.lines).toHaveLength(Object.keys(DECIDED).length + 2);

    for (const text of gatepass.lines) {
      const line = v.parse(emfSchema, JSON.parse(text));
      expect(line._aws.Timestamp).toBe(gatepass.clock.now());
      for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
        for (const name of Dimensions.flat()) expect(line[name]).toMatch(/^[ -~]{1,1024}$/);
        for (const { Name } of Metrics) expect(Number.isFinite(line[Name])).toBe(true);
      }
    }
  });

  it('counts by outcome, by method and by reason, and by nothing of which there is no end', async () => {
    const gatepass = start();
    await gatepass.answer('Bearer nonsense');
    const line = v.parse(emfSchema, JSON.parse(gatepass.lines[0] ?? ''));
    const dimensions = line._aws.CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions);
    expect(dimensions).toEqual([['outcome'], ['authMethod', 'outcome'], ['reason']]);
  });
});
