import { describe, expect, it } from 'vitest';
import { logoutChecks } from '../../../../src/doctor/checks/logout.ts';
import { readLogoutFacts } from '../../../../src/doctor/logout-facts.ts';
import type { ClientSettings } from '../../../../src/keycloak/client-settings.ts';
import { SyncError } from '../../../../src/keycloak/sync-error.ts';
import { runCheck } from '../answers.ts';

const GOOD: ClientSettings = {
  backchannelLogoutUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/logout',
  isSessionRequired: true,
  isFrontChannel: false,
  tokenLifetime: 300,
};

async function find(name: string, clients: Readonly<Record<string, ClientSettings | undefined | Error>>) {
  const settings = {
    client: async (clientId: string) => {
      const found = clients[clientId];
      if (found instanceof Error) throw found;
      return found;
    },
  };
  const facts = await readLogoutFacts({ clientIds: Object.keys(clients), maxTokenLifetime: 300, settings });
  return runCheck(logoutChecks, name, facts);
}

describe('the clients whose logouts are heard of', () => {
  it.each(logoutChecks.map(({ name }) => name))('are well: %s', async (name) => {
    expect((await find(name, { web: GOOD, cli: GOOD })).severity).toBe('ok');
  });

  it.each<[string, Partial<ClientSettings>, string]>([
    ['logout.backchannel_url', { backchannelLogoutUrl: undefined }, 'web has no backchannel logout URL'],
    ['logout.backchannel_url', { backchannelLogoutUrl: 'http://api.example.com/logout' }, 'not by https'],
    ['logout.session_required', { isSessionRequired: false }, 'ends all tokens of the user'],
    ['logout.front_channel', { isFrontChannel: true }, 'not told by the back channel'],
    ['logout.token_lifetime', { tokenLifetime: 301 }, 'live for 301 s'],
  ])('are found wanting by %s', async (name, change, found) => {
    const wanting = { ...GOOD, ...change };
    expect(await find(name, { cli: GOOD, web: wanting })).toMatchObject({
      severity: 'problem',
      found: expect.stringContaining(found),
      remedy: expect.stringMatching(/Clients > web|MaxTokenLifetime/),
    });
    expect((await find(name, { web: wanting, cli: wanting })).found).toContain('The same of 1 more.');
    const others = logoutChecks.filter((check) => check.name !== name);
    for (const other of others) expect((await find(other.name, { web: wanting })).severity).toBe('ok');
  });

  it('are named when the realm has none of the name, and the rest is examined', async () => {
    const clients = { web: GOOD, 'wbe\u0000': undefined };
    expect(await find('logout.clients', clients)).toMatchObject({
      severity: 'problem',
      found: 'It has no client "wbe\\u0000".',
    });
    expect((await find('logout.front_channel', clients)).severity).toBe('ok');
    expect((await find('logout.front_channel', { web: undefined })).severity).toBe('skipped');
  });

  it('are not examined where they may not be seen, which is said once', async () => {
    const clients = { web: new SyncError('realm_role', 'give it the role view-clients') };
    expect(await find('logout.clients', clients)).toMatchObject({
      severity: 'skipped',
      found: expect.stringContaining('view-clients'),
    });
    expect(await find('logout.front_channel', clients)).toEqual({
      severity: 'skipped',
      found: 'The clients could not be seen.',
    });
  });

  it('are a problem where the realm can not be asked', async () => {
    const clients = { web: new SyncError('realm_credentials', "doesn't let it in") };
    expect(await find('logout.clients', clients)).toMatchObject({ severity: 'problem', found: "doesn't let it in" });
  });
});
