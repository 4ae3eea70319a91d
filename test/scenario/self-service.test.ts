import { randomUUID } from 'node:crypto';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { changeAccount, disableAccount } from '../../src/accounts/account-state.ts';
import { createAccount, getAccount } from '../../src/accounts/accounts.ts';
import { deleteAccount } from '../../src/accounts/delete-account.ts';
import { disableKey, getKey } from '../../src/accounts/key-state.ts';
import { createKey } from '../../src/accounts/keys.ts';
import { revokeLeaked } from '../../src/accounts/leak/revoke-leaked.ts';
import { toSeconds } from '../../src/seconds.ts';
import { Refusal } from '../../src/self-service/refusal.ts';
import { unconfirmedUsers } from '../../src/table/unconfirmed.ts';
import { beginRecording, changeLast } from '../../src/table/usage.ts';
import { addToHour } from '../../src/table/usage-hours.ts';
import { HOUR, SECOND } from '../support/moved-clock.ts';
import { createSeed } from '../support/seed.ts';
import { type Caller, type SelfServiceScene, sessionEnded, useSelfService } from '../support/self-service.ts';

const scene = useSelfService();
const DAY = 24 * HOUR;
const FRAMED = "frame-ancestors 'none'";

async function made({ call }: SelfServiceScene, caller: Caller, name = 'CI') {
  const { status, body } = await call('POST /api/keys', caller, { body: { name } });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body;
}

describe('200: a user and their own keys', () => {
  it('makes a key, shows it once, and lists it without its secret', async () => {
    const gp = scene();
    const ada = gp.user();
    const { status, body, headers } = await gp.call('POST /api/keys', ada, { body: { name: 'CI, staging' } });
    expect(status).toBe(201);
    expect(headers).toMatchObject({ 'Cache-Control': 'no-store' });
    expect(body.apiKey).toMatch(/^gp_live_/);
    const listed = await gp.call('GET /api/keys', ada);
    expect(listed.body.keys).toStrictEqual([body.key]);
    expect(JSON.stringify(listed.body)).not.toContain(body.apiKey.split('_')[3]);
    expect(gp.lines.join('')).not.toContain(body.apiKey.split('_')[3]);
  });

  it('lists none and makes no account for a user who has made no key', async () => {
    const gp = scene();
    const ada = gp.user();
    expect(await gp.call('GET /api/keys', ada)).toMatchObject({ status: 200, body: { keys: [] } });
    expect(await gp.call('GET /api/me', ada)).toMatchObject({
      status: 200,
      body: { userId: ada.userId, firstName: 'Ada' },
    });
    await expect(getAccount(gp.admin, ada.userId)).rejects.toMatchObject({ code: 'user_not_found' });
  });

  it("makes the account of a new user's first key from the token, and leaves it for the sync to look up", async () => {
    const gp = scene();
    const ada = gp.user();
    await made(gp, ada);
    expect(await getAccount(gp.admin, ada.userId)).toMatchObject({
      email: 'ada@example.com',
      roles: ['developer'],
      active: true,
    });
    const unconfirmed: string[] = [];
    for await (const userId of unconfirmedUsers(gp.admin.table)) unconfirmed.push(userId);
    expect(unconfirmed).toContain(ada.userId);
  });

  it('gives an absent expiry the longest life', async () => {
    const gp = scene({ maxDays: 30 });
    const { key } = await made(gp, gp.user());
    expect(Date.parse(key.expiresAt) - gp.clock.now()).toBe(30 * DAY);
  });

  it('rotates with a grace, in which a second rotation must say which secret ends', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key, apiKey } = await made(gp, ada);
    const rotate = (body: object) => gp.call(`POST /api/keys/${key.id}/rotate`, ada, { body });
    const rotated = await rotate({ graceSeconds: 3600 });
    expect(rotated).toMatchObject({ status: 200, body: { key: { id: key.id, state: 'in_grace' } } });
    expect(rotated.body.apiKey).not.toBe(apiKey);
    expect(await rotate({ graceSeconds: 3600 })).toMatchObject({ status: 409, body: { error: 'key_in_grace' } });
    expect(await rotate({ graceSeconds: 0, discard: 'replaced' })).toMatchObject({ status: 200 });
  });

  it('renames, disables and enables a key, and deletes it', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    const change = (body: object) => gp.call(`PATCH /api/keys/${key.id}`, ada, { body });
    expect(await change({ name: 'Release' })).toMatchObject({ status: 200, body: { name: 'Release' } });
    expect(await change({ active: false })).toMatchObject({ body: { state: 'disabled', disabledBy: 'user' } });
    expect(await change({ active: true })).toMatchObject({ body: { state: 'active' } });
    expect(await gp.call(`DELETE /api/keys/${key.id}`, ada)).toMatchObject({ status: 204 });
    expect(await gp.call('GET /api/keys', ada)).toMatchObject({ body: { keys: [] } });
    expect(await gp.call(`DELETE /api/keys/${key.id}`, ada)).toMatchObject({ status: 404 });
  });

  it('deletes an imported key for good, and leaves its item so that no import brings it back', async () => {
    const gp = scene();
    const ada = gp.user();
    await made(gp, ada);
    const seed = createSeed(gp.admin.table, gp.clock.seconds());
    const { keyId } = await seed.importedKey(ada.userId, `legacy_${randomUUID()}`, { importedHash: 'a'.repeat(64) });
    expect(await gp.call(`DELETE /api/keys/${keyId}`, ada)).toMatchObject({ status: 204 });
    const key = await getKey(gp.admin, keyId);
    expect(key).toMatchObject({ deleted: true, active: false });
    expect(key).not.toHaveProperty('purgeAt');
  });

  it('ends a key that an operator made without an end, no later than its creation and the longest life', async () => {
    const gp = scene({ maxDays: 30 });
    const ada = gp.user();
    await createAccount(gp.admin, { userId: ada.userId });
    const { item } = await createKey(gp.admin, { userId: ada.userId, name: 'CI' });
    gp.clock.advance(DAY);
    const end = (days: number) => {
      const expiresAt = new Date(gp.clock.now() + days * DAY).toISOString();
      return gp.call(`PATCH /api/keys/${item.keyId}`, ada, { body: { expiresAt } });
    };
    expect(await end(30)).toMatchObject({ status: 400, body: { error: 'invalid_input' } });
    expect(await end(29)).toMatchObject({ status: 200 });
  });

  it('narrows a key: an earlier end, and networks within its own', async () => {
    const gp = scene();
    const ada = gp.user();
    const body = { name: 'CI', expiresInDays: 30, networks: ['192.0.2.0/24', '2001:db8::/32'] };
    const {
      body: { key },
    } = await gp.call('POST /api/keys', ada, { body });
    const change = (to: object) => gp.call(`PATCH /api/keys/${key.id}`, ada, { body: to });
    const at = (days: number) => new Date(gp.clock.now() + days * DAY).toISOString();
    expect(await change({ expiresAt: at(31) })).toMatchObject({ status: 400, body: { error: 'invalid_input' } });
    expect(await change({ expiresAt: at(29) })).toMatchObject({ status: 200 });
    expect(await change({ networks: ['192.0.0.0/16'] })).toMatchObject({ status: 400 });
    expect(await change({ networks: ['198.51.100.0/24'] })).toMatchObject({ status: 400 });
    expect(await change({ networks: [] })).toMatchObject({ status: 400 });
    expect(await change({ networks: ['192.0.2.128/25', '2001:db8:1::/48'] })).toMatchObject({ status: 200 });
  });
});

describe('200: how keys were used', () => {
  /** A recorder's own writes: in use in these minutes of an hour, some days ago. */
  async function used({ admin, clock }: SelfServiceScene, keyId: string, daysAgo: number, minutes: readonly number[]) {
    const { usage } = admin;
    if (usage === undefined) throw new Error('Usage is not recorded.');
    const moment = clock.now() - daysAgo * DAY;
    await beginRecording(usage, toSeconds(clock.now() - 60 * DAY));
    const last = { version: '1', usedAt: toSeconds(moment), usedFrom: '192.0.2.0/24' };
    await changeLast(usage, keyId, undefined, () => last);
    await addToHour(usage, keyId, new Date(moment).toISOString().slice(0, 13), {
      minutes: new Map([
        ['used', new Set(minutes)],
        ['refused#api_key.replaced', new Set([1])],
      ]),
      addresses: new Map([['usedFrom', new Set(['192.0.2.0/24'])]]),
    });
  }

  it('tells when each key was last used, and since when that is known', async () => {
    const gp = scene({ usage: 'recorded' });
    const ada = gp.user();
    const unused = await made(gp, ada, 'unused');
    gp.clock.advance(SECOND);
    const { key } = await made(gp, ada, 'used');
    await used(gp, key.id, 3, [0, 7]);
    const { body } = await gp.call('GET /api/keys', ada);
    const lastUsedAt = new Date(gp.clock.now() - 3 * DAY).toISOString().replace(/\.\d+/, '');
    expect(body.keys).toStrictEqual([unused.key, { ...key, lastUsedAt }]);
    expect(body).toHaveProperty('usageSince');
  });

  it('tells the minutes of the last 30 days and a sample of addresses, of nobody else', async () => {
    const gp = scene({ usage: 'recorded' });
    const ada = gp.user();
    const { key } = await made(gp, ada);
    await used(gp, key.id, 29, [0, 7, 59]);
    const { status, body } = await gp.call(`GET /api/keys/${key.id}/usage`, ada);
    expect(status).toBe(200);
    const [first, ...others] = Object.entries(body).find(([name]) => name === 'days')?.[1] ?? [];
    expect(first).toMatchObject({ minutesUsed: 3, minutesRefused: 1 });
    expect(others).toHaveLength(29);
    expect(body).toMatchObject({ addresses: ['192.0.2.0/24'], more: false });
    const eve = gp.user();
    await made(gp, eve);
    expect(await gp.call(`GET /api/keys/${key.id}/usage`, eve)).toMatchObject({ status: 404 });
  });

  it('lists the keys without it where usage is not recorded, or can not be read, which the log tells', async () => {
    for (const usage of [undefined, 'unreadable'] as const) {
      const gp = scene({ ...(usage && { usage }) });
      const ada = gp.user();
      const { key } = await made(gp, ada);
      expect((await gp.call('GET /api/keys', ada)).body).toStrictEqual({ keys: [key] });
      const level = usage === undefined ? 'INFO' : 'ERROR';
      expect(JSON.parse(gp.lines.at(-1) ?? '')).toMatchObject({ level, operation: 'listKeys', outcome: 'done' });
      const [status, error] = usage === undefined ? [404, 'usage_not_recorded'] : [503, 'unavailable'];
      expect(await gp.call(`GET /api/keys/${key.id}/usage`, ada)).toMatchObject({ status, body: { error } });
    }
  });
});

describe('400: input that is refused with its fields', () => {
  it.each<[string, unknown, string]>([
    ['no name', {}, 'name'],
    ['a name of spaces', { name: '  ' }, 'name'],
    ['a name with a control character', { name: 'a\u0000b' }, 'name'],
    ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
    ['an expiry above the longest life', { name: 'CI', expiresInDays: 366 }, 'expiresInDays'],
    ['no days', { name: 'CI', expiresInDays: 0 }, 'expiresInDays'],
    ['a scope where there is none', { name: 'CI', scope: 'admin' }, 'scope'],
    ['a network that is none', { name: 'CI', networks: ['everywhere'] }, 'networks'],
    ['too many networks', { name: 'CI', networks: Array(21).fill('192.0.2.0/24') }, 'networks'],
    ['an unknown field', { name: 'CI', userId: 'user-1' }, 'body'],
    ['a prototype name', '{"name":"CI","__proto__":{"active":true}}', 'body'],
    ['a constructor', '{"name":"CI","constructor":{"prototype":{}}}', 'body'],
    ['a list', [], 'body'],
    ['no JSON', 'name=CI', 'body'],
  ])('refuses %s', async (_, body, field) => {
    const gp = scene();
    const answer = await gp.call('POST /api/keys', gp.user(), { body });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_input' } });
    expect(Object.keys(answer.body.fields)).toStrictEqual([field]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, 'body'],
    ['an unknown field', { active: false, userId: 'user-1' }, 'body'],
    ['a scope', { scope: 'admin' }, 'body'],
    ['a life in days', { expiresInDays: 1 }, 'body'],
    ['a prototype name', '{"active":false,"__proto__":{"userId":"user-1"}}', 'body'],
    ['a name of spaces', { name: ' ' }, 'name'],
    ['a state in words', { active: 'false' }, 'active'],
    ['a time without a zone', { expiresAt: '2027-01-31T12:00:00' }, 'expiresAt'],
    ['a day that does not exist', { expiresAt: '2027-02-31T12:00:00Z' }, 'expiresAt'],
    ['a network that is none', { networks: ['everywhere'] }, 'networks'],
    ['too many networks', { networks: Array(21).fill('192.0.2.0/24') }, 'networks'],
  ])('refuses %s as a change, and changes nothing', async (_, body, field) => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    const answer = await gp.call(`PATCH /api/keys/${key.id}`, ada, { body });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_input' } });
    expect(Object.keys(answer.body.fields)).toStrictEqual([field]);
    expect((await gp.call('GET /api/keys', ada)).body.keys).toStrictEqual([key]);
  });

  it.each<[string, unknown, string]>([
    ['no grace', {}, 'graceSeconds'],
    ['a grace above 7 days', { graceSeconds: 604_801 }, 'graceSeconds'],
    ['a negative grace', { graceSeconds: -1 }, 'graceSeconds'],
    ['a part of a second', { graceSeconds: 0.5 }, 'graceSeconds'],
    ['another secret to discard', { graceSeconds: 0, discard: 'both' }, 'discard'],
    ['an unknown field', { graceSeconds: 0, expiresInDays: 9 }, 'body'],
  ])('refuses %s in a rotation, and changes nothing', async (_, body, field) => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    const answer = await gp.call(`POST /api/keys/${key.id}/rotate`, ada, { body });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_input' } });
    expect(Object.keys(answer.body.fields)).toStrictEqual([field]);
    expect((await gp.call('GET /api/keys', ada)).body.keys).toStrictEqual([key]);
  });

  it('demands one of the scopes that are set, and takes no other by POST nor by PATCH', async () => {
    const gp = scene({ scopes: [{ value: 'reports:read', label: 'Read reports' }] });
    const ada = gp.user();
    const make = (body: object) => gp.call('POST /api/keys', ada, { body });
    expect(await make({ name: 'CI' })).toMatchObject({ status: 400, body: { fields: { scope: expect.any(String) } } });
    expect(await make({ name: 'CI', scope: 'reports:read admin' })).toMatchObject({ status: 400 });
    const { status, body } = await make({ name: 'CI', scope: 'reports:read' });
    expect(status).toBe(201);
    expect(await gp.call(`PATCH /api/keys/${body.key.id}`, ada, { body: { scope: 'admin' } })).toMatchObject({
      status: 400,
    });
  });
});

describe('403: who may not', () => {
  it.each<[string, Record<string, string> | undefined, string]>([
    ['an API key', { authMethod: 'api_key', apiKeyId: 'x' }, 'bearer_required'],
    ['nobody', undefined, 'bearer_required'],
    ['a token of another client', { clientId: 'web' }, 'client_not_allowed'],
    ['a token without a client', { clientId: '' }, 'client_not_allowed'],
  ])('refuses %s', async (_, change, error) => {
    const gp = scene();
    const caller = change && gp.user(change);
    for (const route of ['GET /api/me', 'GET /api/keys', 'POST /api/keys']) {
      expect(await gp.call(route, caller, { body: { name: 'CI' } })).toMatchObject({ status: 403, body: { error } });
    }
  });

  it('refuses a user without the role that is set', async () => {
    const gp = scene({ role: 'key-maker' });
    expect(await gp.call('GET /api/me', gp.user())).toMatchObject({ status: 403, body: { error: 'role_required' } });
    expect(await gp.call('GET /api/me', gp.user({ roles: '["key-maker"]' }))).toMatchObject({ status: 200 });
  });

  it('makes, rotates and enables nothing for a session that has ended, and changes nothing', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: false } });
    gp.realm.confirm = sessionEnded;
    const ended = { status: 403, body: { error: 'session_ended' } };
    expect(await gp.call('POST /api/keys', ada, { body: { name: 'other' } })).toMatchObject(ended);
    expect(await gp.call(`POST /api/keys/${key.id}/rotate`, ada, { body: { graceSeconds: 0 } })).toMatchObject(ended);
    expect(await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: true } })).toMatchObject(ended);
    expect((await gp.call('GET /api/keys', ada)).body.keys).toMatchObject([{ id: key.id, state: 'disabled' }]);
    expect(await gp.call(`DELETE /api/keys/${key.id}`, ada)).toMatchObject({ status: 204 });
  });

  it('leaves no key that was made while all keys of the user were being disabled', async () => {
    const gp = scene();
    const ada = gp.user();
    await made(gp, ada, 'first');
    const { client } = gp.admin.table;
    const send = client.send.bind(client);
    // All keys are disabled between the reservation of the new one, an update of the account, and its own write.
    vi.spyOn(client, 'send').mockImplementation(async (command: Parameters<typeof send>[0]) => {
      if (command instanceof PutCommand) {
        vi.mocked(client.send).mockRestore();
        await changeAccount(gp.admin, ada.userId, (_, at) => ({ keysDisabledAt: at }));
      }
      return send(command);
    });
    const caught = await gp.call('POST /api/keys', ada, { body: { name: 'caught' } });
    expect(caught).toMatchObject({ status: 403, body: { error: 'account_disabled' } });
    expect((await gp.call('GET /api/keys', ada)).body.keys).toMatchObject([{ name: 'first' }]);
    // What is made afterwards stays.
    await made(gp, ada, 'afterwards');
  });

  it.each([
    ['disabled', disableAccount],
    ['deleted', deleteAccount],
  ])('refuses a %s user everything, while their token lives', async (_, cutOffBy) => {
    const gp = scene({ usage: 'recorded' });
    const ada = gp.user();
    const { key } = await made(gp, ada);
    await cutOffBy(gp.admin, ada.userId);
    const cutOff = { status: 403, body: { error: 'account_disabled' } };
    const requests: [string, object?][] = [
      ['GET /api/me'],
      ['GET /api/keys'],
      [`GET /api/keys/${key.id}/usage`],
      ['POST /api/keys', { name: 'other' }],
      [`PATCH /api/keys/${key.id}`, { name: 'other' }],
      [`POST /api/keys/${key.id}/rotate`, { graceSeconds: 0 }],
      [`DELETE /api/keys/${key.id}`],
    ];
    for (const [route, body] of requests) expect(await gp.call(route, ada, { body })).toMatchObject(cutOff);
  });
});

describe('404: a key that is not there', () => {
  const verbs = (id: string): readonly [string, object?][] => [
    [`GET /api/keys/${id}/usage`],
    [`PATCH /api/keys/${id}`, { name: 'mine' }],
    [`PATCH /api/keys/${id}`, { active: false }],
    [`PATCH /api/keys/${id}`, { active: true }],
    [`PATCH /api/keys/${id}`, { expiresAt: '2000-01-01T00:00:00Z' }],
    [`PATCH /api/keys/${id}`, { networks: ['192.0.2.0/24'] }],
    [`POST /api/keys/${id}/rotate`, { graceSeconds: 0 }],
    [`POST /api/keys/${id}/rotate`, { graceSeconds: 0, discard: 'current' }],
    [`DELETE /api/keys/${id}`],
  ];

  it("is another's, for every verb, and nothing is changed", async () => {
    const gp = scene({ usage: 'recorded' });
    const ada = gp.user();
    const { key } = await made(gp, ada);
    const eve = gp.user();
    await made(gp, eve);
    const before = await getKey(gp.admin, key.id);
    for (const [route, body] of verbs(key.id)) {
      expect(await gp.call(route, eve, { body })).toMatchObject({ status: 404, body: { error: 'not_found' } });
    }
    expect(await getKey(gp.admin, key.id)).toStrictEqual(before);
  });

  it('is what is no id, a whole key too, which is neither told nor logged', async () => {
    const gp = scene({ usage: 'recorded' });
    const ada = gp.user();
    const { apiKey } = await made(gp, ada);
    for (const [route, body] of verbs(apiKey)) {
      const answer = await gp.call(route, ada, { body });
      expect(answer).toMatchObject({ status: 404, body: { error: 'not_found' } });
      expect(JSON.stringify([answer, gp.lines])).not.toContain(apiKey.slice(-49));
    }
  });
});

describe('409 and 429: limits', () => {
  it('refuses a name that a live key has, and takes it again when that key is deleted or has expired', async () => {
    const gp = scene({ maxDays: 1 });
    const ada = gp.user();
    const { key } = await made(gp, ada, 'CI');
    const make = () => gp.call('POST /api/keys', ada, { body: { name: 'CI' } });
    expect(await make()).toMatchObject({ status: 409, body: { error: 'name_taken' } });
    await gp.call(`DELETE /api/keys/${key.id}`, ada);
    gp.clock.advance(60 * SECOND);
    expect(await make()).toMatchObject({ status: 201 });
    gp.clock.advance(DAY);
    expect(await make()).toMatchObject({ status: 201 });
  });

  it('makes one key of two requests at once with one name', async () => {
    const gp = scene();
    const ada = gp.user();
    await made(gp, ada, 'first');
    const both = await Promise.all([1, 2].map(() => gp.call('POST /api/keys', ada, { body: { name: 'CI' } })));
    expect(both.map(({ status }) => status).sort()).toStrictEqual([201, 409]);
  });

  it('refuses to rename to a taken name', async () => {
    const gp = scene();
    const ada = gp.user();
    await made(gp, ada, 'CI');
    const { key } = await made(gp, ada, 'other');
    const renamed = await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { name: 'CI' } });
    expect(renamed).toMatchObject({ status: 409, body: { error: 'name_taken' } });
  });

  it('changes nothing of a change a part of which is refused', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    await disableKey(gp.admin, { userId: ada.userId, keyId: key.id });
    const before = await getKey(gp.admin, key.id);
    const change = (body: object) => gp.call(`PATCH /api/keys/${key.id}`, ada, { body });
    const narrower = { name: 'other', networks: ['192.0.2.0/24'], expiresAt: key.expiresAt };
    expect(await change({ ...narrower, active: true })).toMatchObject({ status: 409 });
    expect(await getKey(gp.admin, key.id)).toStrictEqual(before);
    expect(await change({ ...narrower, active: false })).toMatchObject({ status: 200, body: { name: 'other' } });
  });

  it('leaves older duplicates be', async () => {
    const gp = scene();
    const ada = gp.user();
    await createAccount(gp.admin, { userId: ada.userId });
    await createKey(gp.admin, { userId: ada.userId, name: 'CI' });
    await createKey(gp.admin, { userId: ada.userId, name: 'CI' });
    expect(await gp.call('POST /api/keys', ada, { body: { name: 'CI' } })).toMatchObject({ status: 201 });
  });

  it('enables only what the user disabled', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: false } });
    await disableKey(gp.admin, { userId: ada.userId, keyId: key.id });
    const enabled = await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: true } });
    expect(enabled).toMatchObject({ status: 409, body: { error: 'disabled_by_other' } });
  });

  it('shows where a key was found in public, which only a rotation brings back', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key, apiKey } = await made(gp, ada);
    await revokeLeaked(gp.admin, [Buffer.from(apiKey)], { where: 'https://paste.example/1' });
    const [leaked] = (await gp.call('GET /api/keys', ada)).body.keys;
    const found = { disabledBy: 'leak', leakedWhere: 'https://paste.example/1', leakedAt: expect.any(String) };
    expect(leaked).toMatchObject({ state: 'disabled', ...found });
    const enabled = await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: true } });
    expect(enabled).toMatchObject({ status: 409, body: { error: 'disabled_by_other' } });
    const rotated = await gp.call(`POST /api/keys/${key.id}/rotate`, ada, { body: { graceSeconds: 3600 } });
    expect(rotated).toMatchObject({ status: 200, body: { key: { state: 'active' } } });
    expect(Object.keys(rotated.body.key)).not.toEqual(expect.arrayContaining(['leakedWhere']));
  });

  it('makes 50 keys a day and not one more, and on the next day again, up to 50 in all', async () => {
    const gp = scene();
    const ada = gp.user();
    for (let index = 0; index < 50; index++) {
      const { key } = await made(gp, ada, `key ${index}`);
      if (index < 5) await gp.call(`DELETE /api/keys/${key.id}`, ada);
    }
    const more = (name: string) => gp.call('POST /api/keys', ada, { body: { name } });
    expect(await more('more')).toMatchObject({ status: 429, body: { error: 'too_many_changes' } });
    gp.clock.advance(DAY);
    for (let index = 0; index < 5; index++) await made(gp, ada, `next ${index}`);
    expect(await more('more')).toMatchObject({ status: 409, body: { error: 'too_many_keys' } });
  });
});

it('takes 200 changes a day and not one more, of whatever kind, and on the next day again', async () => {
  const gp = scene();
  const ada = gp.user();
  const { key } = await made(gp, ada);
  const day = new Date(gp.clock.now()).toISOString().slice(0, 10);
  await changeAccount(gp.admin, ada.userId, () => ({ ownChanges: { day, made: 1, changed: 199 } }));
  const changes: readonly [string, object?][] = [
    [`PATCH /api/keys/${key.id}`, { name: 'other' }],
    [`POST /api/keys/${key.id}/rotate`, { graceSeconds: 0 }],
    ['POST /api/keys', { name: 'another' }],
    [`DELETE /api/keys/${key.id}`],
  ];
  expect(await gp.call(`PATCH /api/keys/${key.id}`, ada, { body: { active: false } })).toMatchObject({ status: 200 });
  const before = await getKey(gp.admin, key.id);
  for (const [route, body] of changes) {
    const refused = { status: 429, body: { error: 'too_many_changes' } };
    expect(await gp.call(route, ada, { body })).toMatchObject(refused);
  }
  expect(await getKey(gp.admin, key.id)).toStrictEqual(before);
  gp.clock.advance(DAY);
  expect(await gp.call(`DELETE /api/keys/${key.id}`, ada)).toMatchObject({ status: 204 });
});

describe('other answers', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', ''])(
    'is 415 with the content type "%s", which is not JSON: a page of another origin can send some unasked',
    async (type) => {
      const gp = scene();
      const ada = gp.user();
      const { key } = await made(gp, ada);
      for (const [route, body] of [
        ['POST /api/keys', { name: 'CI' }],
        [`PATCH /api/keys/${key.id}`, { active: false }],
        [`POST /api/keys/${key.id}/rotate`, { graceSeconds: 0 }],
      ] as const) {
        const answer = await gp.call(route, ada, { body, headers: { 'Content-Type': type } });
        expect(answer).toMatchObject({ status: 415, body: { error: 'unsupported_media_type' } });
      }
      expect((await gp.call('GET /api/keys', ada)).body.keys).toStrictEqual([key]);
    },
  );

  it('is 413 above 16 KB', async () => {
    const gp = scene();
    const make = (size: number) =>
      gp.call('POST /api/keys', gp.user(), { body: `{"name":"CI"${' '.repeat(size - 13)}}` });
    expect(await make(16_384)).toMatchObject({ status: 201 });
    expect(await make(16_385)).toMatchObject({ status: 413, body: { error: 'too_large' } });
    expect(await make(1_048_576)).toMatchObject({ status: 413 });
  });

  it('is 503 when the realm gives no answer, and nothing is made', async () => {
    const gp = scene();
    const ada = gp.user();
    gp.realm.confirm = async () => {
      throw new Refusal('unavailable');
    };
    expect(await gp.call('POST /api/keys', ada, { body: { name: 'CI' } })).toMatchObject({ status: 503 });
    await expect(getAccount(gp.admin, ada.userId)).rejects.toMatchObject({ code: 'user_not_found' });
  });

  it.each([
    ['done', 'GET /api/keys', 200],
    ['refused', 'DELETE /api/keys/none', 404],
    ['elsewhere', 'GET /elsewhere', 404],
  ])('carries no cookie, no CORS header and no leave to frame it: %s', async (_, route, status) => {
    const gp = scene();
    const answer = await gp.call(route, gp.user(), { headers: { Origin: 'https://evil.example' } });
    expect(answer).toMatchObject({ status, headers: { 'Content-Security-Policy': expect.stringContaining(FRAMED) } });
    expect(Object.keys(answer.headers).filter((name) => /cookie|access-control/i.test(name))).toStrictEqual([]);
  });

  it('writes one line for each request, with who and what, and no key', async () => {
    const gp = scene();
    const ada = gp.user();
    const { key } = await made(gp, ada);
    expect(JSON.parse(gp.lines.at(-1) ?? '')).toMatchObject({
      ...{ operation: 'createKey', outcome: 'done', userId: ada.userId, apiKeyId: key.id },
      ...{ clientId: 'gatepass-keys-page', sourceIp: '192.0.2.7' },
    });
  });
});
