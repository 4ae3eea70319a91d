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

/** The template's timeout. */
const TIMEOUT_MS = 8000;

// From src/local/ and from dist/local/ alike, the root is two levels up.
const DIST = new URL('../../dist/', import.meta.url);

/** @param name the function's folder in dist/. `Result` is what its handler gives. */
export async function startLocalFunction<Result = APIGatewayAuthorizerResult>(
  env: Readonly<Record<string, string>>,
  name = 'authorizer',
): Promise<LocalFunction<Result>> {
  const bundle = fileURLToPath(new URL(`${name}/index.mjs`, DIST));
  const workerData: WorkerData = { bundle: pathToFileURL(bundle).href, timeoutMs: TIMEOUT_MS };
  const worker = new Worker(new URL('local/function-worker.mjs', DIST), { workerData, env: { ...env } });
  await once(worker, 'message');

  let last: Promise<unknown> = Promise.resolve();
  return {
    invoke(event) {
      const answered = last.then(async (): Promise<Invocation<Result>> => {
        const answer = once(worker, 'message');
        worker.postMessage(event);
        const [invocation] = await answer;
        return invocation;
      });
      last = answered.catch(() => undefined);
      return answered;
    },
    async stop() {
      await worker.terminate();
    },
  };
}
