import * as v from 'valibot';
import type { Clock } from '../decision.ts';
import { parseAnswer } from './answers.ts';
import type { RealmAddress } from './realm-address.ts';
import { createRealmRequests } from './realm-requests.ts';
import type { ServiceAccount } from './request-token.ts';

/** What of a client's settings says whether its users' logouts are told, and how long its tokens live. */
export interface ClientSettings {
  readonly backchannelLogoutUrl: string | undefined;
  /** Its logout tokens name the session. */
  readonly isSessionRequired: boolean;
  /** It is told in the browser, and then not by the back channel. */
  readonly isFrontChannel: boolean;
  /** How long its access tokens live at most, in seconds. */
  readonly tokenLifetime: number;
}

/** The settings of a realm's clients, seen by a service account with view-clients and view-realm of realm-management. */
export interface RealmSettings {
  /**
   * @returns nothing if the realm has no such client.
   * @throws SyncError
   */
  client(clientId: string): Promise<ClientSettings | undefined>;
}

const clientSchema = v.object({
  clientId: v.string(),
  frontchannelLogout: v.optional(v.boolean(), false),
  implicitFlowEnabled: v.optional(v.boolean(), false),
  attributes: v.optional(v.record(v.string(), v.nullable(v.string())), {}),
});

const seconds = v.optional(v.number(), 0);
/** All in seconds; what isn't set is 0. */
const realmSchema = v.object({
  accessTokenLifespan: v.number(),
  ...{ accessTokenLifespanForImplicitFlow: seconds, clientSessionMaxLifespan: seconds },
  ...{ ssoSessionMaxLifespan: seconds, ssoSessionMaxLifespanRememberMe: seconds },
});

export function connectSettings(address: RealmAddress, account: ServiceAccount, now: Clock = Date.now): RealmSettings {
  const { ask } = createRealmRequests(address, account, now);
  const { realmName: realm } = address;
  return {
    async client(clientId) {
      const what = `client ${clientId}`;
      const found = await ask(what, ({ clients }) => clients.find({ clientId }), 'view-clients');
      const client = parseAnswer(v.array(clientSchema), found, what).find((one) => one.clientId === clientId);
      if (client === undefined) return undefined;
      const settings = await ask('its lifespans', ({ realms }) => realms.findOne({ realm }), 'view-realm');
      const { attributes, frontchannelLogout, implicitFlowEnabled } = client;
      const lifespans = parseAnswer(realmSchema, settings, 'its lifespans');
      return {
        backchannelLogoutUrl: attributes['backchannel.logout.url'] || undefined,
        isSessionRequired: attributes['backchannel.logout.session.required'] === 'true',
        isFrontChannel: frontchannelLogout,
        tokenLifetime: Math.max(
          tokenLifetimeOf(attributes, lifespans),
          implicitFlowEnabled ? lifespans.accessTokenLifespanForImplicitFlow : 0,
        ),
      };
    },
  };
}

/** A client's own setting counts before the realm's. -1 stands for the life of the session. */
function tokenLifetimeOf(
  attributes: v.InferOutput<typeof clientSchema>['attributes'],
  realm: v.InferOutput<typeof realmSchema>,
): number {
  const lifespan = Number(attributes['access.token.lifespan'] || realm.accessTokenLifespan);
  if (lifespan !== -1) return lifespan;
  const ofClient = Number(attributes['client.session.max.lifespan'] || 0) || realm.clientSessionMaxLifespan;
  return ofClient || Math.max(realm.ssoSessionMaxLifespan, realm.ssoSessionMaxLifespanRememberMe);
}
