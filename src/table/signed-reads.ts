import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Reads, RequestOptions } from './store.ts';
import { type AwsVariables, createTableRequests } from './table-requests.ts';

type Attributes = Record<string, AttributeValue>;

type KeysByTable<Key> = Record<string, { Keys: Key[] | undefined }>;

/** What DynamoDB answers. */
interface Answer {
  readonly Item?: Attributes;
  readonly Responses?: Record<string, Attributes[]>;
  readonly UnprocessedKeys?: KeysByTable<Attributes>;
}

/** The reads of a decision, as the function makes them. */
export function openReads(env: AwsVariables): Reads {
  const send = createTableRequests<Answer>(env);
  return {
    async get({ Key, ...input }, options: RequestOptions) {
      const { answer, attempts } = await send('GetItem', { ...input, Key: marshall(Key) }, options);
      return { Item: answer.Item && unmarshall(answer.Item), $metadata: { attempts } };
    },
    async batchGet({ RequestItems = {} }, options: RequestOptions) {
      const { answer, attempts } = await send(
        'BatchGetItem',
        { RequestItems: mapKeys(RequestItems, marshallKey) },
        options,
      );
      const { Responses = {}, UnprocessedKeys = {} } = answer;
      return {
        Responses: mapValues(Responses, (items) => items.map((item) => unmarshall(item))),
        UnprocessedKeys: mapKeys(UnprocessedKeys, (key) => unmarshall(key)),
        $metadata: { attempts },
      };
    },
  };
}

const marshallKey = (key: Record<string, unknown>): Attributes => marshall(key);

function mapKeys<From, To>(tables: KeysByTable<From>, map: (key: From) => To): KeysByTable<To> {
  return mapValues(tables, ({ Keys, ...rest }) => ({ ...rest, Keys: Keys?.map(map) }));
}

function mapValues<From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
