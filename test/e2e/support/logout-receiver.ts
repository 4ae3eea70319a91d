import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { vi } from 'vitest';
import { logoutEvent } from '../../support/logout.ts';

const BUNDLE = pathToFileURL(fileURLToPath(new URL('../../../dist/logout/index.mjs', import.meta.url))).href;

/** The built receiver behind a route of the loopback, as API Gateway puts it behind one. */
export interface LogoutReceiver {
  /** Where the realm tells of logouts. */
  readonly url: string;
  /** What it has answered, in order, with the body that was sent and how long the answer took. */
  readonly told: readonly { readonly body: string; readonly status: number; readonly milliseconds: number }[];
  /** What becomes of requests from now on: they are answered, dropped, or answered after so many milliseconds. */
  behave(how: 'answers' | 'is down' | number): void;
  /** All that it has logged. */
  output(): string;
  /** Tells it once more what it was told. */
  repeat(body: string): Promise<number>;
  stop(): Promise<void>;
}

/** @param env what the function is told; it is set in this process, whose only receiver this is. */
export async function startLogoutReceiver(env: Readonly<Record<string, string>>): Promise<LogoutReceiver> {
  Object.assign(process.env, env);
  const { handler } = (await import(BUNDLE)) as { handler: (event: unknown) => Promise<APIGatewayProxyResult> };
  const told: { body: string; status: number; milliseconds: number }[] = [];
  let how: 'answers' | 'is down' | number = 'answers';
  let output = '';
  const logged = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += String(text);
    return true;
  });

  async function answer(body: string): Promise<APIGatewayProxyResult> {
    const startedAt = performance.now();
    const result = await handler(logoutEvent(body));
    told.push({ body, status: result.statusCode, milliseconds: Math.round(performance.now() - startedAt) });
    return result;
  }

  const server = createServer(async (request, response) => {
    if (how === 'is down') return request.socket.destroy();
    let body = '';
    for await (const chunk of request) body += chunk;
    if (typeof how === 'number') await new Promise((resolve) => setTimeout(resolve, Number(how)));
    const { statusCode, body: text } = await answer(body);
    response.writeHead(statusCode).end(text);
    return undefined;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('A TCP server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/logout`,
    told,
    behave: (next) => {
      how = next;
    },
    output: () => output,
    repeat: async (body) => (await answer(body)).statusCode,
    async stop() {
      logged.mockRestore();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
