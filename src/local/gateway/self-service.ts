import { randomUUID } from 'node:crypto';
import { bundleOf, type LocalFunction, startLocalFunction } from '../local-function.ts';
import { KEYS_AUDIENCE, PAGE_CLIENT } from '../local-parts.ts';
import { readApi } from './api.ts';
import { createGateway, type Gateway, type RequestLine } from './gateway.ts';
import type { ProxyResult } from './proxy.ts';

export interface SelfServiceOptions {
  readonly template: string;
  /** The authorizer's environment, of which the table and its endpoint are taken. */
  readonly env: Readonly<Record<string, string>>;
  /** Where the use of keys is recorded; empty: nowhere. */
  readonly usageTable: string;
  /** Where users sign in. */
  readonly issuer: string;
  /** What the `curl` line beside a new key calls. */
  readonly exampleUrl: () => string;
  readonly onRequest: (line: RequestLine) => void;
}

export interface LocalSelfService {
  readonly gateway: Gateway;
  /** Where the page is. */
  readonly path: string;
  /** Whether a request is for the page or its API. */
  has(path: string): boolean;
  stop(): Promise<void>;
}

/**
 * The page on which users manage their keys, with its API, as `template.yaml` deploys them: an API and an authorizer of
 * their own. Both functions start with the first request, since many runs never open the page.
 */
export function createLocalSelfService(options: SelfServiceOptions): LocalSelfService {
  const { template, env, usageTable, issuer, exampleUrl, onRequest } = options;
  const api = readApi(template, { SelfService: 'true' }, 'SelfServiceApi');
  const aws = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS_')));
  const common = { ...aws, GATEPASS_TABLE: env['GATEPASS_TABLE'] ?? '', GATEPASS_ISSUER: issuer };
  const authorizer = whenNeeded(() =>
    startLocalFunction({
      ...common,
      GATEPASS_AUDIENCE: KEYS_AUDIENCE,
      GATEPASS_CLIENTS: PAGE_CLIENT,
      GATEPASS_ACCOUNT_CHECK: 'all',
    }),
  );
  const service = whenNeeded(() =>
    startLocalFunction<ProxyResult>(
      {
        ...{ ...common, GATEPASS_USAGE_TABLE: usageTable, GATEPASS_EXAMPLE_URL: exampleUrl() },
        GATEPASS_SELF_SERVICE_CLIENT_IDS: PAGE_CLIENT,
      },
      { bundle: bundleOf('self-service') },
    ),
  );
  const gateway = createGateway({
    ...{ api, kind: 'rest', now: Date.now, newRequestId: randomUUID, onRequest },
    invoke: async (event) => (await authorizer.get()).invoke(event),
    invokeProxy: async (event) => (await service.get()).invoke(event),
  });
  const base = `/${api.stage}/keys`;
  return {
    gateway,
    path: base,
    has: (path) => path === base || path.startsWith(`${base}/`),
    stop: async () => void (await Promise.all([authorizer.stop(), service.stop()])),
  };
}

function whenNeeded<Result>(start: () => Promise<LocalFunction<Result>>) {
  let started: Promise<LocalFunction<Result>> | undefined;
  return {
    get: () => {
      started ??= start();
      return started;
    },
    stop: async () => (await started)?.stop(),
  };
}
