import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';
import * as v from 'valibot';
import { afterAll, beforeAll, vi } from 'vitest';
import { assemble } from '../../src/authorizer/assemble.ts';
import type { RealmKeys } from '../../src/bearer/realm-keys.ts';
import { parseConfig } from '../../src/config/config.ts';
import { Fault } from '../../src/fault.ts';
import { type EmbeddedTable, LOCAL_AWS, LOCAL_TABLE, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createReads } from '../../src/table/sdk-reads.ts';
import { openReads } from '../../src/table/signed-reads.ts';
import { createStore } from '../../src/table/store.ts';
import { type GatewayEvent, loadEvent } from './events.ts';
import { createMovedClock, type MovedClock, SECOND } from './moved-clock.ts';
import { AUDIENCE, CLIENT, createRealm, ISSUER, type Realm } from './realm.ts';
import { createSeed, type Seed } from './seed.ts';
import { startTableProxy, type TableProxy } from './table-proxy.ts';

/** The authorizer, made of its real parts but for the clock and the fetching of the realm's keys. */
export interface Gatepass {
  readonly clock: MovedClock;
  readonly realm: Realm;
  readonly realmKeys: RealmKeys;
  readonly seed: Seed;
  readonly table: TableProxy;
  /** All that was logged, a line an entry. */
  readonly lines: readonly string[];
  /** Decides an event of whatever kind, as the handler would, and throws what it throws. */
  authorize(event: unknown): Promise<APIGatewayAuthorizerResult>;
  /** Answers an event, or a REST request with this `Authorization` value. */
  answer(request: GatewayEvent | string, deadline?: number): Promise<Answer>;
  /** As `answer`, for a request that must come to no decision. */
  fail(request: GatewayEvent | string, deadline?: number): Promise<Failure>;
}

interface Answer {
  readonly result: APIGatewayAuthorizerResult;
  readonly log: LogLine;
}

export interface Failure {
  readonly fault: Fault;
  readonly log: LogLine;
}

const logLineSchema = v.looseObject({
  level: v.string(),
  outcome: v.string(),
  reason: v.string(),
  tableRequests: v.number(),
});

type LogLine = v.InferOutput<typeof logLineSchema>;

export interface GatepassOptions {
  /** Variables that differ from the scenario's. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of real requests to the embedded table. */
  readonly client?: Pick<DynamoDBDocumentClient, 'send'>;
}

const ENVIRONMENT = {
  GATEPASS_TABLE: LOCAL_TABLE,
  GATEPASS_ISSUER: ISSUER,
  GATEPASS_AUDIENCE: AUDIENCE,
  GATEPASS_CLIENTS: `${CLIENT},orders-cli`,
  GATEPASS_IMPORTED_PREFIXES: 'legacy_',
};

/** What handler.ts allows a decision. */
export const DECISION_MS = 5 * SECOND;

/** Gives a test file a table of its own, and each test an authorizer on it. */
export function useGatepass(): (options?: GatepassOptions) => Gatepass {
  let embedded: EmbeddedTable | undefined;
  let proxy: TableProxy | undefined;

  beforeAll(async () => {
    embedded = await startEmbeddedTable();
    proxy = await startTableProxy(embedded.endpoint);
    for (const [name, value] of Object.entries(LOCAL_AWS)) vi.stubEnv(name, value);
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', proxy.endpoint);
  });
  afterAll(async () => {
    await proxy?.stop();
    await embedded?.stop();
  });

  return (options = {}) => {
    if (embedded === undefined || proxy === undefined) throw new Error('Not started yet.');
    proxy.reset();
    const clock = createMovedClock();
    return createGatepass({
      clock,
      realm: createRealm(clock),
      seed: createSeed(embedded.table, clock.seconds()),
      table: proxy,
      client: options.client,
      env: { ...ENVIRONMENT, ...options.env },
    });
  };
}

interface Parts extends Pick<Gatepass, 'clock' | 'realm' | 'seed' | 'table'> {
  readonly client: Pick<DynamoDBDocumentClient, 'send'> | undefined;
  readonly env: Readonly<Record<string, string>>;
}

function createGatepass({ clock, realm, seed, table, client, env }: Parts): Gatepass {
  const { now } = clock;
  const config = parseConfig(env);
  const lines: string[] = [];
  const reads = client === undefined ? openReads(process.env) : createReads(client);
  const store = createStore({ reads, table: config.table, now });
  const { authorize, realmKeys } = assemble({
    config,
    store,
    fetchJwks: realm.fetchJwks,
    writeLine: (line) => lines.push(line),
    now,
    random: () => 0,
  });

  function run(request: GatewayEvent | string, deadline = now() + DECISION_MS): Promise<APIGatewayAuthorizerResult> {
    return authorize(typeof request === 'string' ? loadEvent('api-key-valid', request) : request, deadline);
  }
  const lastLine = () => v.parse(logLineSchema, JSON.parse(lines.at(-1) ?? ''));

  return {
    ...{ clock, realm, realmKeys, seed, table, lines },
    authorize: (event) => authorize(event, now() + DECISION_MS),
    async answer(request, deadline) {
      return { result: await run(request, deadline), log: lastLine() };
    },
    async fail(request, deadline) {
      const fault = await run(request, deadline).then(
        (result) => new Error(`expected a fault, got ${JSON.stringify(result)}`),
        (error: unknown) => error,
      );
      if (!(fault instanceof Fault)) throw fault;
      return { fault, log: lastLine() };
    },
  };
}
