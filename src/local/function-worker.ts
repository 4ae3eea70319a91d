import { parentPort, workerData } from 'node:worker_threads';
import type { Invocation, WorkerData } from './local-function.ts';

// One function instance: loads the bundle with this thread's environment and answers events one by one.
// The other side always hands these over.
const { bundle, timeoutMs } = workerData as WorkerData;

let log: string[] = [];
process.stdout.write = (chunk: unknown) => {
  log.push(String(chunk));
  return true;
};

// What dist/authorizer/index.mjs exports.
const { handler } = (await import(bundle)) as typeof import('../authorizer/handler.ts');

parentPort?.on('message', async (event: unknown) => {
  log = [];
  const startedAt = performance.now();
  const deadline = Date.now() + timeoutMs;
  // Of Lambda's context the handler asks for this alone.
  const context = { getRemainingTimeInMillis: () => deadline - Date.now() } as Parameters<typeof handler>[1];
  const answer = await handler(event, context).then(
    (result) => ({ result }),
    (error: Error) => ({ error: { name: error.name, message: error.message } }),
  );
  const invocation: Invocation = { ...answer, log, durationMs: performance.now() - startedAt };
  parentPort?.postMessage(invocation);
});
parentPort?.postMessage('ready');
