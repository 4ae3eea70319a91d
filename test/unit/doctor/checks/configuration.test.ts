import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../src/config/config.ts';
import { checkAudienceValue, examineConfiguration } from '../../../../src/doctor/checks/configuration.ts';

const REALM = { GATEPASS_ISSUER: 'https://id.example.com/realms/main', GATEPASS_AUDIENCE: 'my-api' };
const ALL = { GATEPASS_TABLE: 'gatepass', ...REALM };

describe('the configuration', () => {
  it('is good when it is whole and valid', () => {
    const { verdict, config } = examineConfiguration(ALL);
    expect(verdict.severity).toBe('ok');
    expect(config).toEqual(parseConfig(ALL));
  });

  it('has all of its problems reported at once, in the words of the function', () => {
    const { verdict, config } = examineConfiguration({ ...ALL, GATEPASS_ISSUER: 'http://id', GATEPASS_ISUER: 'x' });
    expect(verdict.severity).toBe('problem');
    expect(verdict.found.split('\n')).toEqual([
      expect.stringMatching(/^GATEPASS_ISUER is not a variable/),
      expect.stringMatching(/^GATEPASS_ISSUER must be an https URL/),
    ]);
    expect(config).toBeUndefined();
  });

  it('takes the variables of the sync and its command, which a shell has too, for no slips', () => {
    const others = { GATEPASS_SYNC_CLIENT_SECRET: 'x', GATEPASS_SYNC_SECRET: 'x', GATEPASS_SYNC_ADMIN_URL: 'x' };
    expect(examineConfiguration({ ...ALL, ...others }).verdict).toStrictEqual(examineConfiguration(ALL).verdict);
  });

  it('is good with a table alone and with a realm alone: each is a question of its own', () => {
    expect(examineConfiguration({ GATEPASS_TABLE: 'gatepass' }).verdict.severity).toBe('ok');
    expect(examineConfiguration(REALM).verdict.severity).toBe('ok');
  });

  it.each([
    ['GATEPASS_AUDIENCE', { GATEPASS_ISSUER: REALM.GATEPASS_ISSUER }],
    ['GATEPASS_ISSUER', { GATEPASS_AUDIENCE: 'my-api' }],
    ['GATEPASS_ISSUER and GATEPASS_AUDIENCE', { GATEPASS_JWKS_URI: 'https://id.example.com/certs' }],
  ])('is worth a warning when a realm lacks %s', (lacking, values) => {
    const { verdict } = examineConfiguration(values);
    expect(verdict).toMatchObject({ severity: 'warning', found: expect.stringContaining(`${lacking} is not given`) });
  });

  it('takes an empty value for none', () => {
    expect(examineConfiguration({ ...ALL, GATEPASS_AUDIENCE: '' }).verdict.severity).toBe('warning');
  });
});

describe('the audience', () => {
  const check = (values: object) => checkAudienceValue(parseConfig({ ...ALL, ...values })).severity;

  it('is good when it is an API', () => {
    expect(check({})).toBe('ok');
  });

  it.each(['*', 'account', 'my-api,account'])('%s is worth a warning, since any client has such tokens', (audience) => {
    expect(check({ GATEPASS_AUDIENCE: audience })).toBe('warning');
  });

  it('may be anything when the clients are limited', () => {
    expect(check({ GATEPASS_AUDIENCE: '*', GATEPASS_CLIENTS: 'my-web' })).toBe('ok');
  });
});
