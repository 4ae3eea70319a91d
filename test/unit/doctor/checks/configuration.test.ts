import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/config.ts';
import { configurationChecks, readGiven } from '../../../../src/doctor/checks/configuration.ts';
import { runCheck } from '../answers.ts';

const REALM = { GATEPASS_ISSUER: 'https://id.example.com/realms/main', GATEPASS_AUDIENCE: 'my-api' };
const ALL = { GATEPASS_TABLE: 'gatepass', ...REALM };

const values = (given: Record<string, string>) =>
  runCheck(configurationChecks, 'configuration.values', readGiven(given));

describe('the configuration', () => {
  it('is good when it is whole and valid', async () => {
    expect((await values(ALL)).severity).toBe('ok');
    expect(readGiven(ALL).config).toEqual(parseConfig(ALL));
  });

  it('has all of its problems reported at once, in the words of the function', async () => {
    const bad = { ...ALL, GATEPASS_ISSUER: 'http://id', GATEPASS_ISUER: 'x' };
    const { severity, found } = await values(bad);
    expect(severity).toBe('problem');
    expect(found.split('\n')).toEqual([
      expect.stringMatching(/^GATEPASS_ISUER is not a variable/),
      expect.stringMatching(/^GATEPASS_ISSUER must be an https URL/),
    ]);
    expect(readGiven(bad).config).toBeUndefined();
  });

  it('takes the variables of the sync and the commands, which a shell has too, for good ones', async () => {
    const others = { GATEPASS_SYNC_CLIENT_SECRET: 'x', GATEPASS_SYNC_SECRET: 'x', GATEPASS_SYNC_ADMIN_URL: 'x' };
    expect(readGiven({ ...ALL, ...others })).toStrictEqual(readGiven(ALL));
  });

  it('is good with a table alone and with a realm alone: each is a question of its own', async () => {
    expect((await values({ GATEPASS_TABLE: 'gatepass' })).severity).toBe('ok');
    expect((await values(REALM)).severity).toBe('ok');
  });

  it.each([
    ['GATEPASS_AUDIENCE', { GATEPASS_ISSUER: REALM.GATEPASS_ISSUER }],
    ['GATEPASS_ISSUER', { GATEPASS_AUDIENCE: 'my-api' }],
    ['GATEPASS_ISSUER and GATEPASS_AUDIENCE', { GATEPASS_JWKS_URI: 'https://id.example.com/certs' }],
  ])('is worth a warning when a realm lacks %s', async (missing, given) => {
    const found = expect.stringContaining(`${missing} is not given`);
    expect(await values(given)).toMatchObject({ severity: 'warning', found });
  });

  it('takes an empty value for none', async () => {
    expect((await values({ ...ALL, GATEPASS_AUDIENCE: '' })).severity).toBe('warning');
  });
});

describe('the audience', () => {
  const check = async (given: Record<string, string>) =>
    (await runCheck(configurationChecks, 'configuration.audience', readGiven({ ...ALL, ...given }))).severity;

  it('is good when it is an API', async () => {
    expect(await check({})).toBe('ok');
  });

  it.each(['*', 'account', 'my-api,account'])('%s is worth a warning: any client has such tokens', async (audience) => {
    expect(await check({ GATEPASS_AUDIENCE: audience })).toBe('warning');
  });

  it('may be anything when the clients are limited', async () => {
    expect(await check({ GATEPASS_AUDIENCE: '*', GATEPASS_CLIENTS: 'my-web' })).toBe('ok');
  });

  it('is not judged when none is given, or the values are not valid', async () => {
    expect(await check({ GATEPASS_AUDIENCE: '' })).toBe('skipped');
    expect(await check({ GATEPASS_ISUER: 'x' })).toBe('skipped');
  });
});
