import { randomUUID } from 'node:crypto';
import { requireVariables } from '../config/read-variables.ts';
import { USAGE_VARIABLES } from '../config/variables/usage.ts';
import { toSeconds } from '../seconds.ts';
import { openTable } from '../table/table.ts';
import { beginRecording } from '../table/usage.ts';
import { readBatch } from './batch.ts';
import { createRecorder, type Recorded, type Recorder } from './recorder.ts';
import { failedLine, recordedLine, refusedLine } from './recorder-log.ts';
import { createWatch } from './watch.ts';

const now = Date.now;
const write = (line: string) => void process.stdout.write(line);

/** Kept between invocations, for its connections and for what it has in mind of the table. */
let recorder: Promise<Recorder> | undefined;

/**
 * The Lambda function on a subscription of the authorizer's log group: records who uses which key.
 *
 * A batch that can't be read is told and left, since it would come again the same.
 *
 * @throws when the table can't be written, so that Lambda sends the batch again: a repeat changes nothing.
 */
export async function handler(event: unknown): Promise<Recorded | undefined> {
  const startedAt = now();
  try {
    recorder ??= open();
    const current = await recorder;
    const batch = await readBatch(event);
    if ('refused' in batch) {
      write(refusedLine(batch.refused, { startedAt, endedAt: now() }));
      return undefined;
    }
    const recorded = await current.record(batch.lines);
    write(recordedLine(recorded, { startedAt, endedAt: now() }));
    return recorded;
  } catch (error) {
    write(failedLine(error, { startedAt, endedAt: now() }));
    throw error;
  }
}

async function open(): Promise<Recorder> {
  const values = requireVariables(USAGE_VARIABLES, process.env);
  const usage = openTable(values.GATEPASS_USAGE_TABLE);
  const watch = values.GATEPASS_USAGE_ALERTS === 'true' ? createWatch(values, write, now) : undefined;
  await beginRecording(usage, toSeconds(now())).catch((error: unknown) => {
    recorder = undefined;
    throw error;
  });
  return createRecorder({ usage, now, addresses: values.GATEPASS_USAGE_ADDRESSES, newVersion: randomUUID, watch });
}
