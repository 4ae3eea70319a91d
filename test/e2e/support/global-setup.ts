import { existsSync } from 'node:fs';
import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { AUTHORIZER_BUNDLE } from './function.ts';
import { CLI_BUNDLE } from './gatepass.ts';
import { type Keycloak, startKeycloak } from './keycloak.ts';
import { requireJava } from './maven.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly keycloak: Keycloak;
    readonly dynamoDbEndpoint: string;
  }
}

/** Starts the real parts once for all test files, and returns what stops them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const bundle of [AUTHORIZER_BUNDLE, CLI_BUNDLE]) {
    if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run "npm run build" first.`);
  }
  await requireJava();
  const starts = [startKeycloak(), startDynamoDbLocal()] as const;
  const stop = async () => {
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === 'fulfilled') await start.value.stop();
    }
  };
  try {
    const [{ keycloak }, { endpoint }] = await Promise.all(starts);
    project.provide('keycloak', keycloak);
    project.provide('dynamoDbEndpoint', endpoint);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
