import type {
  BatchGetCommandInput,
  BatchGetCommandOutput,
  GetCommandInput,
  GetCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import type * as v from 'valibot';
import { withDeadline } from '../deadline.ts';
import type { Clock, Trace } from '../decision.ts';
import { Fault } from '../fault.ts';
import {
  type Account,
  type ApiKeyItem,
  accountAt,
  accountBeside,
  accountSchema,
  apiKeyAt,
  apiKeySchema,
  importedAt,
  type KeySetItem,
  keySetAt,
  keySetSchema,
  type Pointer,
  type PrimaryKey,
  parseItem,
  pointerSchema,
} from './items.ts';

/** The authorizer's reads. All are strongly consistent: a write that has returned is seen by the next decision. */
export interface Store {
  /** A key and its owner, in one `BatchGetItem`. */
  findApiKey(keyId: string, trace: Trace): Promise<{ apiKey: ApiKeyItem | undefined; account: Account | undefined }>;
  /** Where an imported key lies, by the SHA-256 of the whole key (hex). */
  findImported(hash: string, trace: Trace): Promise<Pointer | undefined>;
  findAccount(userId: string, trace: Trace): Promise<Account | undefined>;
  /** The last good key set of a realm, if the sync keeps one. */
  findKeySet(issuer: string, trace: Trace): Promise<KeySetItem | undefined>;
}

/** The two requests that all reads are made of. */
export interface Reads {
  get(input: GetCommandInput, options: RequestOptions): Promise<GetCommandOutput>;
  batchGet(input: BatchGetCommandInput, options: RequestOptions): Promise<BatchGetCommandOutput>;
}

interface RequestOptions {
  readonly abortSignal: AbortSignal;
}

interface StoreParts {
  /** A promise, since the AWS SDK may have to be loaded first; asked for each request. */
  readonly reads: () => Promise<Reads>;
  readonly table: string;
  readonly now: Clock;
}

/** DynamoDB gives a part of a batch back unprocessed when it is short of capacity. */
const BATCH_ATTEMPTS = 4;
const BATCH_BACKOFF_MS = 50;

/** @throws Fault `fault.table` when the table can't be asked, `fault.item` when an item isn't readable. */
export function createStore({ reads, table, now }: StoreParts): Store {
  async function send<Output extends { $metadata: { attempts?: number } }>(
    trace: Trace,
    request: (reads: Reads, options: RequestOptions) => Promise<Output>,
  ): Promise<Output> {
    try {
      const work = async (abortSignal: AbortSignal) => request(await reads(), { abortSignal });
      const output = await withDeadline(trace.deadline, now, 'the table', work);
      trace.tableRequests += output.$metadata.attempts ?? 1;
      return output;
    } catch (error) {
      trace.tableRequests += attemptsOf(error);
      if (error instanceof Fault) throw error;
      throw new Fault('fault.table', `The table ${table} could not be read.`, { cause: error });
    }
  }

  async function get(key: PrimaryKey, trace: Trace): Promise<unknown> {
    const input = { TableName: table, Key: { ...key }, ConsistentRead: true };
    const output = await send(trace, (to, options) => to.get(input, options));
    return output.Item;
  }

  async function batchGet(keys: readonly PrimaryKey[], trace: Trace): Promise<readonly Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let pending: { Keys: Record<string, unknown>[] | undefined; ConsistentRead?: boolean | undefined } = {
      Keys: keys.map((key) => ({ ...key })),
      ConsistentRead: true,
    };
    for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
      if (attempt > 0)
        await withDeadline(trace.deadline, now, 'the table', () => sleep(BATCH_BACKOFF_MS * 2 ** (attempt - 1)));
      const input = { RequestItems: { [table]: pending } };
      const output = await send(trace, (to, options) => to.batchGet(input, options));
      const found = output.Responses?.[table];
      items.push(...(found ?? []));
      const unprocessed = output.UnprocessedKeys?.[table];
      if (unprocessed?.Keys?.length) {
        pending = { Keys: unprocessed.Keys, ConsistentRead: true };
        continue;
      }
      // A key that isn't there is an empty list; no list is no answer.
      if (found === undefined) throw new Fault('fault.table', `The answer says nothing of the table ${table}.`);
      return items;
    }
    throw new Fault('fault.table', `The table ${table} left keys unprocessed ${BATCH_ATTEMPTS} times.`);
  }

  return {
    async findApiKey(keyId, trace) {
      const wanted = { apiKey: apiKeyAt(keyId), account: accountBeside(keyId) };
      const items = await batchGet([wanted.apiKey, wanted.account], trace);
      const pick = (key: PrimaryKey) => items.find((item) => item['pk'] === key.pk && item['sk'] === key.sk);
      return {
        apiKey: read(apiKeySchema, pick(wanted.apiKey), wanted.apiKey),
        account: read(accountSchema, pick(wanted.account), wanted.account),
      };
    },
    async findImported(hash, trace) {
      const key = importedAt(hash);
      return read(pointerSchema, await get(key, trace), key);
    },
    async findAccount(userId, trace) {
      const key = accountAt(userId);
      return read(accountSchema, await get(key, trace), key);
    },
    async findKeySet(issuer, trace) {
      const key = keySetAt(issuer);
      return read(keySetSchema, await get(key, trace), key);
    },
  };
}

function read<Schema extends v.GenericSchema>(
  schema: Schema,
  item: unknown,
  key: PrimaryKey,
): v.InferOutput<Schema> | undefined {
  return item === undefined ? undefined : parseItem(schema, item, key);
}

function attemptsOf(error: unknown): number {
  // The SDK puts $metadata on every error that came of a request.
  const { $metadata } = (error ?? {}) as { $metadata?: { attempts?: number } };
  return $metadata?.attempts ?? 1;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
