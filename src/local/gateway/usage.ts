import { gzipSync } from 'node:zlib';
import { LOCAL_USAGE_TABLE } from '../embedded-table.ts';
import { bundleOf, type Invocation, type LocalFunction, startLocalFunction } from '../local-function.ts';

export interface LocalRecorder {
  /** Takes what an invocation of the authorizer wrote. */
  take(invocation: Invocation): void;
  /** Records what is left, and ends. */
  stop(): Promise<void>;
}

/** How long lines are gathered, in milliseconds; CloudWatch Logs takes some seconds. */
const GATHER_MS = 200;

/**
 * Records who uses which key, as the deployed recorder does: the built function is sent the authorizer's lines, packed as
 * CloudWatch Logs packs them. It starts with the first of them.
 *
 * @param env the authorizer's environment, of which the tables' endpoint is taken.
 * @param onError is told why lines could not be recorded.
 */
export function createLocalRecorder(
  env: Readonly<Record<string, string>>,
  onError: (message: string) => void,
): LocalRecorder {
  const aws = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS_')));
  let recorder: Promise<LocalFunction<unknown>> | undefined;
  let gathered: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();

  async function record(lines: readonly string[]): Promise<void> {
    recorder ??= startLocalFunction({ ...aws, GATEPASS_USAGE_TABLE: LOCAL_USAGE_TABLE }, { bundle: bundleOf('usage') });
    const { error } = await (await recorder).invoke(batchOf(lines));
    if (error !== undefined) onError(error.message);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const lines = gathered;
    gathered = [];
    if (lines.length === 0) return;
    last = last.then(() => record(lines)).catch((error: unknown) => onError(String(error)));
  }

  return {
    take({ log }) {
      gathered.push(...log);
      timer ??= setTimeout(flush, GATHER_MS);
    },
    async stop() {
      flush();
      await last;
      await (await recorder)?.stop();
    },
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample */
function batchOf(lines: readonly string[]): object {
  const logEvents = lines.map((message, index) => ({ id: String(index), timestamp: Date.now(), message }));
  const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents })).toString('base64');
  return { awslogs: { data } };
}
