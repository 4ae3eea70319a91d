import type { BatchGetCommandInput, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

type Client = Pick<DynamoDBDocumentClient, 'send'>;
type KeysAndAttributes = NonNullable<BatchGetCommandInput['RequestItems']>[string];

/** A table that neither answers nor heeds an abort. Keeps the signals it was given. */
export function createSilentClient(): { readonly client: Client; readonly signals: readonly AbortSignal[] } {
  const signals: AbortSignal[] = [];
  const client = scripted((_, signal) => {
    signals.push(signal);
    return new Promise(() => {});
  });
  return { client, signals };
}

/** A table that can't be asked, and whose errors tell all that they were asked for. */
export function createFailingClient(): Client {
  return scripted((input) => {
    const cause = Object.assign(new Error(`socket hang up: ${JSON.stringify(input)}`), {
      input,
      $metadata: { attempts: 3 },
    });
    return Promise.reject(Object.assign(new Error(`could not send ${JSON.stringify(input)}`, { cause }), { input }));
  });
}

/** A table that leaves all keys of a batch unprocessed so many times, and has no items. Keeps what it was asked for. */
export function createShortClient(times: number): {
  readonly client: Client;
  readonly asked: readonly KeysAndAttributes[];
} {
  const asked: KeysAndAttributes[] = [];
  const client = scripted(async (input) => {
    const [[table, wanted] = []] = Object.entries(input.RequestItems ?? {});
    if (table === undefined || wanted === undefined) throw new Error('expected a batch of one table');
    asked.push(wanted);
    const isShort = asked.length <= times;
    // DynamoDB leaves ConsistentRead out of UnprocessedKeys' place at times, so it is not to be relied on there.
    const unprocessed = isShort ? { [table]: { Keys: wanted.Keys } } : {};
    return { $metadata: { attempts: 1 }, Responses: { [table]: [] }, UnprocessedKeys: unprocessed };
  });
  return { client, asked };
}

function scripted(answer: (input: BatchGetCommandInput, signal: AbortSignal) => Promise<object>): Client {
  const send = (command: { input: BatchGetCommandInput }, { abortSignal }: { abortSignal: AbortSignal }) =>
    answer(command.input, abortSignal);
  // One function for the overloads of all commands, of which the store sends BatchGetItem here.
  return { send: send as unknown as Client['send'] };
}
