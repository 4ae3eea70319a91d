import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/config.ts';
import { ok } from '../../../../src/doctor/check.ts';
import { keyChecks } from '../../../../src/doctor/checks/api-key.ts';
import { type KeyFacts, readKey } from '../../../../src/doctor/credential-facts.ts';
import { createApiKey, createKeyId } from '../../../../src/key-format/format.ts';
import { hashApiKey } from '../../../../src/key-format/hash.ts';
import type { Account, ApiKeyItem } from '../../../../src/table/items.ts';
import { runCheck } from '../answers.ts';
import { fakeTable } from '../fake-table.ts';

const NOW = 1_800_000_000;
const config = parseConfig({
  GATEPASS_TABLE: 'gatepass',
  GATEPASS_ISSUER: 'https://id.example.com/realms/main',
  GATEPASS_AUDIENCE: 'orders-api',
  GATEPASS_IMPORTED_PREFIXES: 'legacy_',
});

function keyOf(environment: string): string {
  return createApiKey({ prefix: 'gp', environment, keyId: createKeyId('user-42', randomBytes) }, randomBytes);
}

function read(key: string): Promise<KeyFacts> {
  const { table } = fakeTable({ BatchGetItem: { Responses: { gatepass: [] } } });
  return readKey(key, { config, table, now: () => NOW * 1000 });
}

const key = keyOf('live');
const hash = hashApiKey(key);

/** What a check finds of a key that is in the table like this. */
function find(name: string, item: Partial<ApiKeyItem> = {}, account: Partial<Account> | null = {}) {
  const apiKey = { userId: 'user-42', hash, environment: 'live', active: true, ...item };
  const owner = account === null ? undefined : { userId: 'user-42', active: true, ...account };
  const decision = ok`It lets the caller through.`;
  const found = { key, hash, decision, reason: undefined, keyId: 'KEYID', apiKey, account: owner };
  return runCheck(keyChecks, name, { config, nowMs: NOW * 1000, ...found });
}

describe('the form of a key', () => {
  it.each([
    ['a key of ours', key],
    ['of another environment', keyOf('test')],
    ['a mistyped one', `${key.slice(0, -1)}_`],
    ["another system's", 'legacy_1'],
    ["another system's of 1,024 characters", 'legacy_'.padEnd(1024, 'a')],
    ["another system's of 1,025 characters", 'legacy_'.padEnd(1025, 'a')],
    ["another system's with a space", 'legacy_a b'],
    ["another system's with an umlaut", 'legacy_ä'],
    ['of no known prefix', 'other_1'],
    ['behind another scheme', `DPoP ${key}`],
  ])('is told as the authorizer takes it: %s', async (_, value) => {
    const facts = await read(value);
    const { severity, found } = await runCheck(keyChecks, 'key.form', facts);
    expect(severity === 'ok').toBe(facts.reason === 'api_key.unknown');
    expect(found).not.toContain(value);
  });

  it.each(['Basic dXNlcjpzZWNyZXQ=', 'DPoP eyJhbGciOiJSUzI1NiJ9.e30.x'])('names the scheme of %s', async (value) => {
    const { found } = await runCheck(keyChecks, 'key.form', await read(value));
    expect(found).toBe(`It is sent by the scheme ${value.split(' ')[0]}, and none but Bearer is known.`);
  });
});

describe('a key that the table does not have', () => {
  it.each([
    ['of ours', key, /has no key [0-9A-Za-z]{28}\./],
    ['of another system', 'legacy_1', /no such imported key/],
  ])('is a problem, %s', async (_, value, found) => {
    const facts = await read(value);
    expect(await runCheck(keyChecks, 'key.stored', facts)).toMatchObject({
      severity: 'problem',
      found: expect.stringMatching(found),
    });
    expect((await runCheck(keyChecks, 'key.state', facts)).severity).toBe('skipped');
  });

  it('is a deleted one, when of an imported key a tombstone is left', async () => {
    const { table } = fakeTable({ GetItem: { Item: { deleted: { BOOL: true }, deletedAt: { N: String(NOW) } } } });
    const facts = await readKey('legacy_1', { config, table, now: () => NOW * 1000 });
    expect(await runCheck(keyChecks, 'key.stored', facts)).toMatchObject({
      severity: 'problem',
      found: 'An imported key that was deleted, and stays so.',
    });
  });

  it('is not looked for by a value that no key has', async () => {
    expect((await runCheck(keyChecks, 'key.stored', await read('other_1'))).severity).toBe('skipped');
  });
});

describe('the secret of a key', () => {
  const replaced = { hash: 'other', replacedHash: hash };

  it('is good when it is the current one, and a problem when it is none', async () => {
    expect((await find('key.secret')).severity).toBe('ok');
    expect((await find('key.secret', { hash: 'other' })).severity).toBe('problem');
  });

  it('works until its grace ends, and not from then on', async () => {
    expect(await find('key.secret', { ...replaced, replacedUntil: NOW + 1 })).toMatchObject({
      severity: 'ok',
      found: 'The secret that was replaced: it works until 2027-01-15T08:00:01Z.',
    });
    expect((await find('key.secret', { ...replaced, replacedUntil: NOW })).severity).toBe('problem');
    expect((await find('key.secret', replaced)).severity).toBe('problem');
  });

  it('works until the key expires, if that is before its grace ends', async () => {
    const { found } = await find('key.secret', { ...replaced, replacedUntil: NOW + 3600, expiresAt: NOW + 60 });
    expect(found).toContain('it works until 2027-01-15T08:01:00Z');
  });
});

describe('a key in the table', () => {
  it.each([
    ['key.state', { active: false }, 'Disabled.'],
    ['key.state', { active: false, leakedHash: 'other' }, 'Disabled.'],
    ['key.state', { active: false, leakedHash: hash }, 'Disabled, since its secret was found in public.'],
    ['key.secret', { leakedHash: hash }, 'It was found in public'],
    ['key.state', { deleted: true }, 'Deleted'],
    ['key.expiry', { expiresAt: NOW }, 'Expired at 2027-01-15T08:00:00Z'],
    ['key.environment', { environment: 'test' }, 'for "test", and this authorizer takes "live"'],
  ])('is a problem in %s with %j', async (name, item, found) => {
    expect((await find(name)).severity).toBe('ok');
    expect(await find(name, item)).toMatchObject({ severity: 'problem', found: expect.stringContaining(found) });
  });

  it('has not expired a second before', async () => {
    expect((await find('key.expiry', { expiresAt: NOW + 1 })).severity).toBe('ok');
  });

  it.each([
    ['no account', null, 'has no account'],
    ["another's account", { userId: 'user-43' }, 'The account is of "user-43"'],
    ['a disabled account', { active: false }, 'is disabled'],
    ['a deleted account', { deleted: true }, 'is deleted'],
  ])('is a problem with %s', async (_, account, found) => {
    expect(await find('key.account', {}, account)).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining(found),
    });
    expect((await find('key.account')).severity).toBe('ok');
  });

  it.each([
    [['192.0.2.0/24'], true],
    [['192.0.2.0/24', '198.51.100.7'], true],
    [['192.0.2.0/24', '2001:db8::/32'], false],
    [['2001:db8::1'], false],
  ])('of the networks %j says that callers by IPv6 are refused: %s', async (allowedNetworks, isSaid) => {
    const { severity, found } = await find('key.networks', { allowedNetworks });
    expect({ severity, isSaid: found.includes('IPv6') }).toEqual({ severity: 'ok', isSaid });
  });
});
