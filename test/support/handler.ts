import type { APIGatewayAuthorizerResult, Context } from 'aws-lambda';
import { vi } from 'vitest';
import { LOCAL_AWS } from '../../src/local/embedded-table.ts';

/** The Lambda entry, started anew as a function instance does. */
export interface LoadedHandler {
  /** @param remaining how long Lambda would let it run on, in milliseconds. */
  invoke(event: unknown, remaining?: () => number): Promise<APIGatewayAuthorizerResult>;
  /** What it has written to stdout. */
  readonly lines: readonly string[];
}

/** @param env all `GATEPASS_*` variables, and others that differ. */
export async function loadHandler(env: Readonly<Record<string, string>>): Promise<LoadedHandler> {
  for (const name of Object.keys(process.env).filter((one) => one.startsWith('GATEPASS_'))) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...LOCAL_AWS, ...env })) vi.stubEnv(name, value);
  const lines: string[] = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(String(chunk));
    return true;
  });
  vi.resetModules();
  const { handler } = await import('../../src/authorizer/handler.ts');
  return {
    lines,
    invoke: (event, remaining = () => 8000) => {
      // Of Lambda's context the handler asks for this alone.
      const context = { getRemainingTimeInMillis: remaining } as Context;
      return handler(event, context);
    },
  };
}
