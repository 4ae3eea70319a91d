import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { makeDemoKey, putDemoAccounts } from '../../../src/local/demo-keys.ts';
import { DEMO_AUDIENCE, DEMO_CLIENTS, makeDemoToken } from '../../../src/local/demo-tokens.ts';
import { startEmbeddedIssuer } from '../../../src/local/embedded-issuer.ts';
import { LOCAL_AWS, startEmbeddedTable } from '../../../src/local/embedded-table.ts';
import { type Api, readApi } from '../../../src/local/gateway/api.ts';
import { createGateway, type Gateway, type GatewayParts } from '../../../src/local/gateway/gateway.ts';
import { serve } from '../../../src/local/gateway/server.ts';
import { startLocalFunction } from '../../../src/local/local-function.ts';
import { writeKey } from '../../../src/table/keys.ts';
import type { MovedClock } from '../../support/moved-clock.ts';

const TEMPLATE = fileURLToPath(new URL('../../../template.yaml', import.meta.url));

/** How the claims of a demo token are made: good for an hour from the moment that is given. */
const TOKEN_LIFETIME_SECONDS = 3600;
const SKEW_SECONDS = 30;

export interface StageOptions {
  readonly ttl: number;
  readonly kind?: 'rest' | 'http';
  readonly corsOrigin?: string;
  /** By which it caches results, judges policies and dates its answers. */
  readonly clock?: MovedClock;
  /** What is wrong with it, on purpose. */
  readonly api?: (api: Api) => Api;
  readonly invoke?: (invoke: GatewayParts['invoke']) => GatewayParts['invoke'];
  readonly gateway?: (gateway: Gateway) => Gateway;
}

/** The local parts and the built bundle, with as many gateways in front of them as a test wants. */
export interface LocalStages {
  readonly key: string;
  readonly token: string;
  /** A token that counts for so many seconds from now, skew included. */
  tokenEndingIn(seconds: number): Promise<string>;
  /** A new key, with a shell command that disables it. */
  revocable(): Promise<{ readonly key: string; readonly command: string }>;
  /** Good keys, the first for this computer's network and the second for another. */
  networkKeys(): Promise<{ readonly inside: string; readonly outside: string }>;
  /** @returns the address of the stage. */
  start(options: StageOptions): Promise<string>;
  stop(): Promise<void>;
}

export async function startLocalStages(): Promise<LocalStages> {
  const [table, issuer] = await Promise.all([startEmbeddedTable(), startEmbeddedIssuer()]);
  const instance = await startLocalFunction({
    ...LOCAL_AWS,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    GATEPASS_TABLE: table.table.name,
    GATEPASS_ISSUER: issuer.issuer,
    GATEPASS_JWKS_URI: issuer.jwksUri,
    GATEPASS_AUDIENCE: DEMO_AUDIENCE,
    GATEPASS_CLIENTS: DEMO_CLIENTS,
  });
  const stops: (() => Promise<void>)[] = [table.stop, issuer.stop, instance.stop];
  await putDemoAccounts(table.table);
  const { presented: key } = await makeDemoKey(table.table, 'API_KEY', Date.now());

  return {
    key,
    token: await makeDemoToken(issuer, 'ACCESS_TOKEN', Date.now()),

    tokenEndingIn: (seconds) =>
      makeDemoToken(issuer, 'ACCESS_TOKEN', Date.now() + (seconds - SKEW_SECONDS - TOKEN_LIFETIME_SECONDS) * 1000),

    async revocable() {
      const { presented: revocable, keyId } = await makeDemoKey(table.table, 'API_KEY', Date.now());
      const server = createServer(async (_, response) => {
        await writeKey(table.table, keyId, {}, { active: false });
        response.end();
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      stops.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      // A TCP server's address is never a string.
      const { port } = server.address() as AddressInfo;
      return { key: revocable, command: `"${process.execPath}" -e "fetch('http://127.0.0.1:${port}/')"` };
    },

    async networkKeys() {
      const keyWith = async (allowedNetworks: readonly string[]) => {
        const { presented, keyId } = await makeDemoKey(table.table, 'API_KEY', Date.now());
        await writeKey(table.table, keyId, {}, { allowedNetworks: [...allowedNetworks] });
        return presented;
      };
      return { inside: await keyWith(['127.0.0.0/8']), outside: await keyWith(['192.0.2.0/24']) };
    },

    async start({ ttl, kind = 'rest', corsOrigin = '*', clock, api: change, invoke, gateway: wrap }) {
      const read = readApi(TEMPLATE, { AuthorizerTtl: String(ttl), CorsOrigin: corsOrigin });
      const api = change?.(read) ?? read;
      const gateway = createGateway({
        api,
        kind,
        invoke: invoke?.(instance.invoke) ?? instance.invoke,
        now: clock?.now ?? Date.now,
        newRequestId: randomUUID,
      });
      const wrapped = wrap?.(gateway) ?? gateway;
      const dated: Gateway = async (request) => {
        const response = await wrapped(request);
        const date = new Date(clock?.now() ?? Date.now()).toUTCString();
        return { ...response, headers: { ...response.headers, date } };
      };
      const server = await serve(dated, 0);
      stops.push(server.stop);
      return kind === 'rest' ? `${server.url}/${api.stage}` : server.url;
    },

    async stop() {
      for (const stop of stops.reverse()) await stop();
    },
  };
}
