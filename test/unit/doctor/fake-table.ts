import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../../../src/table/table.ts';

/** What DynamoDB answers to one kind of request: a document, a refusal, or an error on the way. */
export type FakeAnswer = object | Refusal | Error;

export class Refusal {
  readonly type: string;
  readonly message: string;

  constructor(type: string, message = '') {
    this.type = type;
    this.message = message;
  }
}

export const DESCRIPTION = {
  TableStatus: 'ACTIVE',
  TableArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/gatepass',
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'sk', AttributeType: 'S' },
    { AttributeName: 'pk', AttributeType: 'S' },
  ],
  BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  DeletionProtectionEnabled: true,
};

/** The table that template.yaml deploys, as it answers on AWS. */
const DEPLOYED: Readonly<Record<string, FakeAnswer>> = {
  DescribeTable: { Table: DESCRIPTION },
  DescribeTimeToLive: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'purgeAt' } },
  DescribeContinuousBackups: {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'ENABLED' },
    },
  },
  BatchGetItem: { Responses: {} },
  GetItem: {},
};

export interface FakeTable {
  readonly table: Table;
  /** What was asked: the operations, with their parameters. */
  readonly asked: ReadonlyMap<string, unknown>;
}

/** The real SDK on a transport that answers by itself, so that what is read is what DynamoDB writes. */
export function fakeTable(changes: Readonly<Record<string, FakeAnswer>> = {}, date?: string): FakeTable {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const answers = { ...DEPLOYED, ...changes };
  const asked = new Map<string, unknown>();

  async function handle(request: { readonly headers: Record<string, string>; readonly body?: unknown }) {
    const operation = request.headers['x-amz-target']?.split('.')[1] ?? '';
    const body = request.body instanceof Uint8Array ? new TextDecoder().decode(request.body) : String(request.body);
    asked.set(operation, JSON.parse(body));
    const answer = answers[operation] ?? new Refusal('UnknownOperationException');
    if (answer instanceof Error) throw answer;
    const [statusCode, document] =
      answer instanceof Refusal
        ? [400, { __type: `com.amazonaws.dynamodb.v20120810#${answer.type}`, message: answer.message }]
        : [200, answer];
    const headers = { 'content-type': 'application/x-amz-json-1.0', ...(date !== undefined && { date }) };
    return { response: { statusCode, headers, body: Buffer.from(JSON.stringify(document)) } };
  }

  const client = new DynamoDBClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { handle, updateHttpClientConfig() {}, httpHandlerConfigs: () => ({}) },
  });
  return { table: { client: DynamoDBDocumentClient.from(client), name: 'gatepass' }, asked };
}
