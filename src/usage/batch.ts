import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import * as v from 'valibot';

const MEGABYTE = 1024 * 1024;

/** What a batch may unpack to. CloudWatch Logs sends about 1 MB packed. */
const MAX_UNPACKED = 32 * MEGABYTE;

const eventSchema = v.object({ awslogs: v.object({ data: v.string() }) });

const batchSchema = v.object({
  messageType: v.string(),
  logEvents: v.array(v.object({ message: v.string() })),
});

/** What CloudWatch Logs sent: lines of the log, or why they can't be had, which no repeat would change. */
export type Batch = { readonly lines: readonly string[] } | { readonly refused: 'too_large' | 'unreadable' };

/**
 * Unpacks a batch of log lines as a subscription of CloudWatch Logs sends it to a function: JSON, gzip, base64.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample
 */
export async function readBatch(event: unknown, maxUnpacked = MAX_UNPACKED): Promise<Batch> {
  try {
    const { data } = v.parse(eventSchema, event).awslogs;
    const unpacked = await promisify(gunzip)(Buffer.from(data, 'base64'), { maxOutputLength: maxUnpacked });
    const { messageType, logEvents } = v.parse(batchSchema, JSON.parse(unpacked.toString('utf8')));
    // A CONTROL_MESSAGE only asks whether somebody is there.
    return { lines: messageType === 'DATA_MESSAGE' ? logEvents.map(({ message }) => message) : [] };
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { refused: isTooLarge ? 'too_large' : 'unreadable' };
  }
}
