import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import type { Table } from '../table/table.ts';
import type { ShownClock } from './checks/clocks.ts';
import { within } from './within.ts';

/** What came of a request to the table: never a rejection. */
export type TableAsked<T> = { readonly answer: T } | { readonly error: unknown };

/** Everything that is asked of a table. All of it is asked at once, and nothing is written. */
export interface TableAnswers {
  readonly description: TableAsked<TableDescription>;
  readonly timeToLive: TableAsked<{ readonly status: string | undefined; readonly attribute: string | undefined }>;
  readonly pointInTimeRecovery: TableAsked<string | undefined>;
  readonly batchGet: TableAsked<true>;
  readonly get: TableAsked<true>;
  /** Of whichever answer the first request got, a refusal too; absent if it got none. */
  readonly clock: ShownClock | undefined;
}

export const TABLE_MS = 3000;

/** The key of an item that doesn't exist. */
const NO_SUCH_ITEM = { pk: 'doctor#no-such-item', sk: 'doctor' };

export async function askTable({ client, name }: Table, now: Clock): Promise<TableAnswers> {
  const TableName = name;
  let clock: ShownClock | undefined;
  const describe = new DescribeTableCommand({ TableName });
  // Nearest to the wire: there a refusal still is an answer with headers.
  describe.middlewareStack.add(
    (next) => async (args) => {
      const sentAt = now();
      const result = await next(args);
      clock = { date: dateOf(result.response), sentAt, answeredAt: now() };
      return result;
    },
    { step: 'deserialize', priority: 'low' },
  );

  const [description, timeToLive, pointInTimeRecovery, batchGet, get] = await Promise.all([
    settle(async (abortSignal) => (await client.send(describe, { abortSignal })).Table ?? {}),
    settle(async (abortSignal) => {
      const output = await client.send(new DescribeTimeToLiveCommand({ TableName }), { abortSignal });
      const { TimeToLiveStatus: status, AttributeName: attribute } = output.TimeToLiveDescription ?? {};
      return { status, attribute };
    }),
    settle(async (abortSignal) => {
      const output = await client.send(new DescribeContinuousBackupsCommand({ TableName }), { abortSignal });
      return output.ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
    }),
    settle(async (abortSignal) => {
      const request = { Keys: [NO_SUCH_ITEM], ConsistentRead: true };
      await client.send(new BatchGetCommand({ RequestItems: { [name]: request } }), { abortSignal });
      return true as const;
    }),
    settle(async (abortSignal) => {
      await client.send(new GetCommand({ TableName, Key: NO_SUCH_ITEM, ConsistentRead: true }), { abortSignal });
      return true as const;
    }),
  ]);
  return { description, timeToLive, pointInTimeRecovery, batchGet, get, clock };
}

/** Also ends what doesn't listen to the signal, as the SDK's search for credentials. */
async function settle<T>(request: (signal: AbortSignal) => Promise<T>): Promise<TableAsked<T>> {
  try {
    return { answer: await within(TABLE_MS, request) };
  } catch (error) {
    return { error: error instanceof Fault ? new Error(`no answer within ${TABLE_MS / 1000} s`) : error };
  }
}

/** The SDK gives its middleware the transport's response as unknown. */
function dateOf(response: unknown): string | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined;
  return typeof headers.date === 'string' ? headers.date : undefined;
}
