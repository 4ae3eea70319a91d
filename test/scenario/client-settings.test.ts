import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectSettings } from '../../src/keycloak/client-settings.ts';
import { realmAddress } from '../../src/keycloak/realm-address.ts';
import { type ServedRealm, startServedRealm } from '../support/served-realm.ts';

let realm: ServedRealm;

beforeEach(async () => {
  realm = await startServedRealm();
  realm.rights = ['view-users', 'view-realm', 'view-clients'];
});

afterEach(() => realm.stop());

const LIFESPANS = { accessTokenLifespan: 300, ssoSessionMaxLifespan: 36_000 };

function settingsOf(clientId: string) {
  const account = { clientId: 'gatepass-sync', clientSecret: realm.clientSecret };
  return connectSettings(realmAddress(realm.issuer), account).client(clientId);
}

it("a client's settings tell how it hears of logouts", async () => {
  realm.settings = LIFESPANS;
  realm.clients = [
    { clientId: 'web-2' },
    {
      clientId: 'web',
      frontchannelLogout: true,
      attributes: {
        'backchannel.logout.url': 'https://api.example.com/logout',
        'backchannel.logout.session.required': 'true',
      },
    },
  ];
  expect(await settingsOf('web')).toEqual({
    backchannelLogoutUrl: 'https://api.example.com/logout',
    isSessionRequired: true,
    isFrontChannel: true,
    tokenLifetime: 300,
  });
  expect(await settingsOf('web-2')).toEqual({
    backchannelLogoutUrl: undefined,
    isSessionRequired: false,
    isFrontChannel: false,
    tokenLifetime: 300,
  });
  expect(await settingsOf('we')).toBeUndefined();
});

it.each<[string, object, object, number]>([
  ["the realm's lifespan", {}, {}, 300],
  ['its own lifespan', { attributes: { 'access.token.lifespan': '600' } }, {}, 600],
  ['an empty lifespan of its own, which is none', { attributes: { 'access.token.lifespan': '' } }, {}, 300],
  ["the session's", { attributes: { 'access.token.lifespan': '-1' } }, {}, 36_000],
  ["the realm's, which is the session's", {}, { accessTokenLifespan: -1 }, 36_000],
  ['a remembered session’s', {}, { accessTokenLifespan: -1, ssoSessionMaxLifespanRememberMe: 900_000 }, 900_000],
  ["a client session's, by the realm", {}, { accessTokenLifespan: -1, clientSessionMaxLifespan: 1800 }, 1800],
  [
    "a client session's, by the client",
    { attributes: { 'access.token.lifespan': '-1', 'client.session.max.lifespan': '1200' } },
    { clientSessionMaxLifespan: 1800 },
    1200,
  ],
  [
    'the implicit flow’s, which it has',
    { implicitFlowEnabled: true },
    { accessTokenLifespanForImplicitFlow: 900 },
    900,
  ],
  ['no implicit flow, which it has not', {}, { accessTokenLifespanForImplicitFlow: 900 }, 300],
])("a client's tokens live as long as says %s", async (_, client, settings, expected) => {
  realm.settings = { ...LIFESPANS, ...settings };
  realm.clients = [{ clientId: 'web', ...client }];
  expect(await settingsOf('web')).toMatchObject({ tokenLifetime: expected });
});

it('a client is not shown without the role for it, which the error names', async () => {
  realm.rights = ['view-users', 'view-realm'];
  await expect(settingsOf('web')).rejects.toMatchObject({
    code: 'realm_role',
    message: expect.stringContaining('view-clients'),
  });
});
