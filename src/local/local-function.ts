import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { APIGatewayAuthorizerResult } from 'aws-lambda';

export interface WorkerData {
  readonly bundle: string;
  readonly timeoutMs: number;
}

/** What came of one event: a result or a thrown error, and what the function wrote. */
export interface Invocation<Result = APIGatewayAuthorizerResult> {
  readonly result?: Result;
  readonly error?: { readonly name: string; readonly message: string };
  readonly log: readonly string[];
  readonly durationMs: number;
}

/** An instance of a built Lambda function in a thread of its own, with an environment of its own. */
export interface LocalFunction<Result = APIGatewayAuthorizerResult> {
  /** Answers one event at a time, as a Lambda instance does: calls wait for each other. */
  invoke(event: unknown): Promise<Invocation<Result>>;
  stop(): Promise<void>;
}

/** The template's timeout, and the one that Lambda has for the start of an instance. */
const TIMEOUT_MS = 8000;
const START_MS = 10_000;

// From src/local/ and from dist/local/ alike, the root is two levels up.
const DIST = new URL('../../dist/', import.meta.url);

/** A built function, by its folder in dist/. */
export function bundleOf(name: string): string {
  return fileURLToPath(new URL(`${name}/index.mjs`, DIST));
}

/**
 * Starts the built authorizer, or another function, with this environment. `Result` is what its handler gives.
 *
 * An instance that takes longer than `timeoutMs` for an event, or that ends, is replaced: the event gets an error, as
 * from Lambda, and the next event a new instance.
 */
export async function startLocalFunction<Result = APIGatewayAuthorizerResult>(
  env: Readonly<Record<string, string>>,
  { bundle = bundleOf('authorizer'), timeoutMs = TIMEOUT_MS } = {},
): Promise<LocalFunction<Result>> {
  const workerData: WorkerData = { bundle: pathToFileURL(bundle).href, timeoutMs };
  let worker = await startWorker(workerData, env);
  let last: Promise<unknown> = Promise.resolve();

  async function answer(event: unknown): Promise<Invocation<Result>> {
    try {
      worker.postMessage(event);
      const [invocation] = await once(worker, 'message', { signal: AbortSignal.timeout(timeoutMs) });
      return invocation;
    } catch (error) {
      await worker.terminate();
      worker = await startWorker(workerData, env);
      const timedOut = { name: 'Sandbox.Timedout', message: `Task timed out after ${timeoutMs / 1000} seconds` };
      const ended = { name: 'Runtime.ExitError', message: String(error) };
      return { error: isAbort(error) ? timedOut : ended, log: [], durationMs: timeoutMs };
    }
  }

  return {
    invoke(event) {
      const answered = last.then(() => answer(event));
      last = answered.catch(() => undefined);
      return answered;
    },
    async stop() {
      await worker.terminate();
    },
  };
}

async function startWorker(workerData: WorkerData, env: Readonly<Record<string, string>>): Promise<Worker> {
  const worker = new Worker(new URL('local/function-worker.mjs', DIST), { workerData, env: { ...env } });
  await once(worker, 'message', { signal: AbortSignal.timeout(START_MS) });
  return worker;
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
