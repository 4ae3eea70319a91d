import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { on, once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { type LogLine, readLogLine } from './log-line.ts';
import { requestWith } from './request.ts';

export const AUTHORIZER_BUNDLE = fileURLToPath(new URL('../../../dist/authorizer/index.mjs', import.meta.url));

const OUTPUT = Symbol('the function has written something');
const RUNTIME = fileURLToPath(new URL('./function-runtime.mjs', import.meta.url));

const resultSchema = v.strictObject({
  principalId: v.string(),
  policyDocument: v.strictObject({ Version: v.literal('2012-10-17'), Statement: v.array(v.unknown()) }),
  context: v.optional(v.record(v.string(), v.string())),
});

const messageSchema = v.object({ id: v.string(), result: v.optional(resultSchema), error: v.optional(v.string()) });

/** What came of one request: a result, or the error that the function threw; and its decision log line. */
export interface Answer {
  readonly result: v.InferOutput<typeof resultSchema> | undefined;
  readonly error: string | undefined;
  readonly log: LogLine;
  readonly durationMs: number;
}

/** A running instance of the built Lambda bundle, in a process of its own. */
export interface LambdaFunction {
  /** Sends a request to the API with this `Authorization` value. */
  authorize(authorization: string): Promise<Answer>;
  /** Stops and continues the process, as Lambda does with an instance between requests. */
  freeze(): void;
  thaw(): void;
  /** All that it has written so far, to stdout and stderr. */
  output(): string;
  /** Every `Authorization` value that it was sent. */
  presented(): readonly string[];
  stop(): Promise<void>;
}

/** How long after its answer the function's log line may arrive: they come by different ways, in either order. */
const LOG_WITHIN_MS = 2000;

/** @param env the function's whole environment. */
export async function startFunction(env: Readonly<Record<string, string>>): Promise<LambdaFunction> {
  const child = fork(RUNTIME, [pathToFileURL(AUTHORIZER_BUNDLE).href], {
    env,
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const presented: string[] = [];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit(OUTPUT);
    });
  }
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'message'), exited]);
  if (!child.connected) throw new Error(`The function could not be started:\n${output}`);

  async function answerTo(requestId: string): Promise<v.InferOutput<typeof messageSchema>> {
    for await (const [raw] of on(child, 'message', { close: ['exit'] })) {
      const message = v.parse(messageSchema, raw);
      if (message.id === requestId) return message;
    }
    throw new Error(`The function ended without an answer:\n${output}`);
  }

  async function logLineOn(requestId: string): Promise<LogLine> {
    const signal = AbortSignal.timeout(LOG_WITHIN_MS);
    for (;;) {
      const line = readLogLine(output, requestId);
      if (line !== undefined) return line;
      await once(child, OUTPUT, { signal });
    }
  }

  return {
    async authorize(authorization) {
      presented.push(authorization);
      const requestId = randomUUID();
      const event = await requestWith(authorization, requestId);
      const startedAt = performance.now();
      const answered = answerTo(requestId);
      child.send({ id: requestId, event });
      const { result, error } = await answered;
      return { result, error, durationMs: performance.now() - startedAt, log: await logLineOn(requestId) };
    },
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    output: () => output,
    presented: () => presented,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
