import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as v from 'valibot';
import { afterAll, beforeAll, expect } from 'vitest';
import { parse } from 'yaml';
import { type Admin, openAdmin } from '../../src/accounts/admin.ts';
import { type EmbeddedTable, startEmbeddedTable } from '../../src/local/embedded-table.ts';
import { createAuditLog } from '../../src/self-service/audit.ts';
import { Refusal } from '../../src/self-service/refusal.ts';
import { createSelfService, type ServiceParts } from '../../src/self-service/service.ts';
import { createMovedClock, type MovedClock } from './moved-clock.ts';

const PAGE_CLIENT = 'gatepass-keys-page';

/** Who calls, as the authorizer in front of the function has told API Gateway. */
export interface Caller {
  readonly userId: string;
  readonly [name: string]: string;
}

/** What the tests read of bodies. */
interface Body {
  readonly apiKey: string;
  readonly key: { readonly id: string; readonly expiresAt: string };
  readonly keys: readonly object[];
  readonly fields: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Held against the OpenAPI document before a test sees it. */
  readonly body: Body;
}

interface Call {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly caller?: Caller | undefined;
}

export interface SelfServiceScene {
  readonly admin: Admin;
  readonly clock: MovedClock;
  readonly lines: readonly string[];
  /** What the realm says of sessions: by default each is alive. */
  readonly realm: { confirm: (userId: string) => Promise<void> };
  /** A user who has signed in at the page. */
  user(change?: Readonly<Record<string, string>>): Caller;
  call(route: string, caller: Caller | undefined, call?: Omit<Call, 'caller'>): Promise<Answer>;
}

export interface SceneOptions extends Partial<Pick<ServiceParts, 'scopes' | 'maxDays'>> {
  /** Where the use of keys is recorded; not told: nowhere. */
  readonly usage?: 'recorded' | 'unreadable';
  readonly role?: string;
}

/** Gives a test file a table of its own, and each test the self-service function on it. */
export function useSelfService(): (options?: SceneOptions) => SelfServiceScene {
  let embedded: EmbeddedTable | undefined;
  beforeAll(async () => {
    embedded = await startEmbeddedTable();
  });
  afterAll(() => embedded?.stop());

  return ({ scopes = [], maxDays = 365, role, usage }: SceneOptions = {}) => {
    if (embedded === undefined) throw new Error('Not started yet.');
    const clock = createMovedClock();
    const lines: string[] = [];
    const { table, usageTable } = embedded;
    const usages = { recorded: usageTable, unreadable: { ...usageTable, name: 'no-such-table' } };
    const admin = openAdmin({ table, usage: usage && usages[usage], now: clock.now, randomBytes });
    const realm = { confirm: async (_userId: string) => {} };
    const service = createSelfService({
      ...{ admin, scopes, maxDays, keyPrefix: 'gp', environment: 'live' },
      confirmSession: (_token, userId) => realm.confirm(userId),
      rules: { clientIds: [PAGE_CLIENT, 'own-dashboard'], role },
      page: { html: () => ({ statusCode: 200, body: '' }), file: () => undefined },
      settings: {
        issuer: 'https://id.example.com/realms/main',
        clientId: PAGE_CLIENT,
        exampleUrl: 'https://a.example',
      },
      log: createAuditLog((line) => lines.push(line), clock.now),
    });
    return {
      ...{ admin, clock, lines, realm },
      user: (change = {}) => ({
        ...{ userId: randomUUID(), authMethod: 'bearer', clientId: PAGE_CLIENT, email: 'ada@example.com' },
        ...{ firstName: 'Ada', roles: '["developer"]', ...change },
      }),
      async call(route, caller, call = {}) {
        const { statusCode, headers = {}, body } = await service(eventOf(route, { ...call, caller }));
        const answer = { status: statusCode, headers, body: body === '' ? undefined : JSON.parse(body) };
        assertDocumented(route, answer);
        return answer;
      },
    };
  };
}

export const sessionEnded = async () => {
  throw new Refusal('session_ended');
};

const PATHS = ['/api/me', '/api/keys', '/api/keys/{id}', '/api/keys/{id}/rotate', '/api/keys/{id}/usage'];

function eventOf(route: string, { body, headers, caller }: Call): APIGatewayProxyEvent {
  const [method = '', path = ''] = route.split(' ');
  const template = PATHS.find((one) => new RegExp(`^${one.replace('{id}', '[^/]*')}$`).test(path)) ?? path;
  const [, id] = /^\/api\/keys\/([^/]*)/.exec(path) ?? [];
  const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const event = {
    httpMethod: method,
    resource: `/keys${template}`,
    path: `/keys${path}`,
    pathParameters: id === undefined ? null : { id },
    headers: {
      Authorization: 'Bearer eyJ.of.caller',
      ...(text !== null && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: text,
    isBase64Encoded: false,
    requestContext: {
      path: `/prod/keys${path}`,
      requestId: randomUUID(),
      identity: { sourceIp: '192.0.2.7' },
      ...(caller && { authorizer: caller }),
    },
  };
  // The function reads no more of it.
  return event as unknown as APIGatewayProxyEvent;
}

const documentSchema = v.object({
  paths: v.record(v.string(), v.record(v.string(), v.unknown())),
  components: v.looseObject({}),
});

const DOCUMENT = v.parse(
  documentSchema,
  parse(readFileSync(new URL('../../src/self-service/openapi.yaml', import.meta.url), 'utf8')),
);

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/ } });
ajv.addSchema({ $id: 'openapi', ...DOCUMENT });

/** Holds an answer against the OpenAPI document: its status and its body are told there. */
function assertDocumented(route: string, { status, body }: Answer): void {
  const [method = '', path = ''] = route.split(' ');
  const template = PATHS.find((one) => new RegExp(`^${one.replace('{id}', '[^/]*')}$`).test(path));
  if (template === undefined) return;
  const base = `openapi#/paths/${template.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`;
  const key = status < 300 ? String(status) : 'default';
  const pointer = `${base}/${method.toLowerCase()}/responses/${key}`;
  const responses = v.parse(
    v.looseObject({ responses: v.record(v.string(), v.unknown()) }),
    DOCUMENT.paths[template]?.[method.toLowerCase()],
  );
  expect(Object.keys(responses.responses)).toContain(key);
  if (body === undefined) return;
  const raw = responses.responses[key];
  const named = v.safeParse(v.object({ $ref: v.string() }), raw);
  const response = named.success ? `openapi${named.output.$ref}` : pointer;
  const validate = ajv.compile({ $ref: `${response}/content/application~1json/schema` });
  expect(validate(body), ajv.errorsText(validate.errors)).toBe(true);
}
