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
  revocationSchema,
  revokedRealmAt,
  revokedSessionAt,
  revokedUserAt,
} from './items.ts';
import { pauseBefore } from './unprocessed.ts';

/** The authorizer's reads. All are strongly consistent: a write that has returned is seen by the next decision. */
export interface Store {
  /** A key and its owner, in one `BatchGetItem`. */
  findApiKey(keyId: string, trace: Trace): Promise<{ apiKey: ApiKeyItem | undefined; account: Account | undefined }>;
  /** Where an imported key lies, by the SHA-256 of the whole key (hex). */
  findImported(hash: string, trace: Trace): Promise<Pointer | undefined>;
  findAccount(userId: string, trace: Trace): Promise<Account | undefined>;
  /** The account of a token's user, if there is one, and what revokes the token, in one `BatchGetItem`. */
  findTokenState(token: TokenOrigin, trace: Trace): Promise<TokenState>;
  /** The last good key set of a realm, if the sync keeps one. */
  findKeySet(issuer: string, trace: Trace): Promise<KeySetItem | undefined>;
}

/** Where a token comes from. */
interface TokenOrigin {
  readonly issuer: string;
  readonly userId: string;
  /** The token's `sid`: one of a client's own (client credentials) has none. */
  readonly sessionId: string | undefined;
}

interface TokenState {
  readonly account: Account | undefined;
  /** Tokens of this origin that were issued at or before it are revoked, in epoch seconds. */
  readonly notBefore: number | undefined;
}

/** The two requests that all reads are made of. */
export interface Reads {
  get(input: GetCommandInput, options: RequestOptions): Promise<GetCommandOutput>;
  batchGet(input: BatchGetCommandInput, options: RequestOptions): Promise<BatchGetCommandOutput>;
}

export interface RequestOptions {
  readonly abortSignal: AbortSignal;
}

export interface StoreParts {
  readonly reads: Reads;
  readonly table: string;
  readonly now: Clock;
}

/** DynamoDB gives a part of a batch back unprocessed when it is short of capacity. */
const BATCH_ATTEMPTS = 4;

/** @throws Fault `fault.table` when the table can't be asked, `fault.item` when an item isn't readable. */
export function createStore({ reads, table, now }: StoreParts): Store {
  async function send<Output extends { $metadata: { attempts?: number } }>(
    trace: Trace,
    request: (options: RequestOptions) => Promise<Output>,
  ): Promise<Output> {
    try {
      const work = (abortSignal: AbortSignal) => request({ abortSignal });
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
    const output = await send(trace, (options) => reads.get(input, options));
    return output.Item;
  }

  /** @returns what picks an item out of the answer. */
  async function getTogether(keys: readonly PrimaryKey[], trace: Trace): Promise<(key: PrimaryKey) => unknown> {
    const items: Record<string, unknown>[] = [];
    let pending: { Keys: Record<string, unknown>[] | undefined; ConsistentRead?: boolean | undefined } = {
      Keys: keys.map((key) => ({ ...key })),
      ConsistentRead: true,
    };
    for (let attempt = 0; attempt < BATCH_ATTEMPTS; attempt++) {
      if (attempt > 0) await withDeadline(trace.deadline, now, 'the table', () => pauseBefore(attempt));
      const input = { RequestItems: { [table]: pending } };
      const output = await send(trace, (options) => reads.batchGet(input, options));
      const found = output.Responses?.[table];
      items.push(...(found ?? []));
      const unprocessed = output.UnprocessedKeys?.[table];
      if (unprocessed?.Keys?.length) {
        pending = { Keys: unprocessed.Keys, ConsistentRead: true };
        continue;
      }
      // A key that isn't there is an empty list; no list is no answer.
      if (found === undefined) throw new Fault('fault.table', `The answer says nothing of the table ${table}.`);
      return ({ pk, sk }) => items.find((item) => item['pk'] === pk && item['sk'] === sk);
    }
    throw new Fault('fault.table', `The table ${table} left keys unprocessed ${BATCH_ATTEMPTS} times.`);
  }

  return {
    async findApiKey(keyId, trace) {
      const wanted = { apiKey: apiKeyAt(keyId), account: accountBeside(keyId) };
      const pick = await getTogether([wanted.apiKey, wanted.account], trace);
      return {
        apiKey: read(apiKeySchema, pick(wanted.apiKey), wanted.apiKey),
        account: read(accountSchema, pick(wanted.account), wanted.account),
      };
    },
    async findTokenState({ issuer, userId, sessionId }, trace) {
      const account = accountAt(userId);
      const session = sessionId === undefined ? [] : [revokedSessionAt(userId, sessionId)];
      const revocations = [revokedUserAt(userId), ...session, revokedRealmAt(issuer)];
      const pick = await getTogether([account, ...revocations], trace);
      const moments = revocations.flatMap((key) => read(revocationSchema, pick(key), key)?.notBefore ?? []);
      return {
        account: read(accountSchema, pick(account), account),
        notBefore: moments.length > 0 ? Math.max(...moments) : undefined,
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
