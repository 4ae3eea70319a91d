import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type TableDescription,
  type TimeToLiveDescription,
} from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import { withTimeLimit } from '../deadline.ts';
import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import type { Table } from './table.ts';

export type { TableDescription };

/** What came of a request: never a rejection. */
export type Settled<T> = { readonly answer: T } | { readonly error: unknown };

/** A table's settings, and whether it can be read as the authorizer reads it. */
export interface TableSettings {
  readonly name: string;
  readonly description: Settled<TableDescription>;
  readonly timeToLive: Settled<TimeToLiveDescription>;
  readonly pointInTimeRecovery: Settled<string | undefined>;
  readonly batchGet: Settled<unknown>;
  readonly get: Settled<unknown>;
  /** The `Date` header of whichever answer the first request got, a refusal too; absent if it got none. */
  readonly clock:
    | { readonly date: string | undefined; readonly sentAt: number; readonly answeredAt: number }
    | undefined;
}

/** How long one request may take, the SDK's search for credentials too. */
export const REQUEST_MS = 3000;

const NO_SUCH_ITEM = { pk: 'doctor#no-such-item', sk: 'doctor' };

/** Asks for everything at once, and writes nothing. Never rejects. */
export async function readSettings({ client, name }: Table, now: Clock): Promise<TableSettings> {
  const TableName = name;
  let clock: TableSettings['clock'];
  const describeTable = new DescribeTableCommand({ TableName });
  // Nearest to the wire: there a refusal still is an answer with headers.
  describeTable.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = now();
      const result = await next(args);
      clock = { date: dateOf(result.response), sentAt, answeredAt: now() };
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );
  const item = { Keys: [NO_SUCH_ITEM], ConsistentRead: true };
  const [description, timeToLive, pointInTimeRecovery, batchGet, get] = await Promise.all([
    settle(async (signal) => (await client.send(describeTable, signal)).Table ?? {}),
    settle(async (signal) => {
      const output = await client.send(new DescribeTimeToLiveCommand({ TableName }), signal);
      return output.TimeToLiveDescription ?? {};
    }),
    settle(async (signal) => {
      const output = await client.send(new DescribeContinuousBackupsCommand({ TableName }), signal);
      return output.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    }),
    settle((signal) => client.send(new BatchGetCommand({ RequestItems: { [name]: item } }), signal)),
    settle((signal) => client.send(new GetCommand({ TableName, Key: NO_SUCH_ITEM, ConsistentRead: true }), signal)),
  ]);
  return { name, description, timeToLive, pointInTimeRecovery, batchGet, get, clock };
}

async function settle<T>(request: (options: { readonly abortSignal: AbortSignal }) => Promise<T>): Promise<Settled<T>> {
  try {
    return { answer: await withTimeLimit(REQUEST_MS, (abortSignal) => request({ abortSignal })) };
  } catch (error) {
    const isOverdue = error instanceof Fault && error.reason === 'fault.deadline';
    return { error: isOverdue ? Object.assign(new Error('no answer'), { code: 'ETIMEDOUT', cause: error }) : error };
  }
}

/** The SDK gives its middleware the transport's response as unknown. */
function dateOf(response: unknown): string | undefined {
  const { headers } = (response ?? {}) as { readonly headers?: Readonly<Record<string, string>> };
  return headers?.['date'];
}
