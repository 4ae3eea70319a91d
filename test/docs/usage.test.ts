import { gunzipSync, gzipSync } from 'node:zlib';
import initSqlJs from 'sql.js';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { asObject, type JsonObject } from '../../src/local/gateway/json.ts';
import { ACCESS_LOG_FIELDS, ACCESS_LOG_FORMAT, requestQueries } from '../../src/usage/access-log.ts';
import { codeBlocks, readText, section } from './markdown.ts';

const PAGE = readText('docs/usage.md');
const PIPELINE = asObject(readTemplate('infra/attach/usage/template.yaml')['Resources']);

function properties(name: string): JsonObject {
  return asObject(asObject(PIPELINE[name])['Properties']);
}

const tableSchema = v.object({
  PartitionKeys: v.array(v.object({ Name: v.string() })),
  StorageDescriptor: v.object({ Columns: v.array(v.object({ Name: v.string(), Type: v.literal('string') })) }),
});
const TABLE = v.parse(tableSchema, properties('Requests')['TableInput']);
const COLUMNS = TABLE.StorageDescriptor.Columns.map(({ Name }) => Name);

describe('the format of an access log', () => {
  it('is what docs/usage.md has people paste', () => {
    expect(
      codeBlocks(section(PAGE, '### The format of an access log'), 'json').map((block) => JSON.parse(block)),
    ).toEqual([ACCESS_LOG_FIELDS]);
  });

  it('is what the example API has', () => {
    const api = asObject(
      asObject(asObject(readTemplate('template.yaml')['Resources'])['ExampleApiGateway'])['Properties'],
    );
    const [, settings] = v.parse(v.object({ 'Fn::If': v.array(v.unknown()) }), api['AccessLogSetting'])['Fn::If'];
    const { Format } = v.parse(v.object({ Format: v.string() }), settings);
    expect(Object.entries(JSON.parse(Format))).toEqual(Object.entries(ACCESS_LOG_FIELDS));
  });

  it('has a column in the table of the pipeline for each of its fields', () => {
    expect(COLUMNS).toEqual(Object.keys(ACCESS_LOG_FIELDS).map((name) => name.toLowerCase()));
  });

  it('has every field that the queries of gatepass usage --requests and of the docs ask for', () => {
    const { byDay, byOrigin } = requestQueries({ userId: 'ada' });
    const known = new Set<string>(Object.keys(ACCESS_LOG_FIELDS));
    for (const query of [byDay, byOrigin]) {
      const [, , list = ''] = /\bby (bin\(1d\), )?(.+)/.exec(query) ?? [];
      for (const name of list.split(', ')) expect(known).toContain(name);
    }
  });

  it('has no header, no query string and nothing else that may hold a credential', () => {
    expect(ACCESS_LOG_FORMAT).not.toMatch(
      /header|querystring|identity\.(?!sourceIp)|authorizer\.(?:principal|claims)/i,
    );
  });
});

describe('the pipeline', () => {
  const stream = asObject(properties('Stream')['ExtendedS3DestinationConfiguration']);

  it('takes the lines out of what CloudWatch Logs packed, one a line of an object', () => {
    const { Processors } = asObject(stream['ProcessingConfiguration']);
    expect(Processors).toEqual([
      { Type: 'Decompression', Parameters: [{ ParameterName: 'CompressionFormat', ParameterValue: 'GZIP' }] },
      {
        Type: 'CloudWatchLogProcessing',
        Parameters: [{ ParameterName: 'DataMessageExtraction', ParameterValue: 'true' }],
      },
      { Type: 'AppendDelimiterToRecord' },
    ]);
  });

  it('puts objects where the table looks for them', () => {
    expect(stream['Prefix']).toBe('requests/arrived=!{timestamp:yyyy-MM-dd}/');
    const parameters = asObject(asObject(properties('Requests')['TableInput'])['Parameters']);
    expect(parameters['storage.location.template']).toEqual({
      'Fn::Sub': `s3://\${Bucket}/requests/arrived=\${!arrived}/`,
    });
    expect(TABLE.PartitionKeys.map(({ Name }) => Name)).toEqual(['arrived']);
  });

  it('keeps the bucket closed, and gives each role what it needs', () => {
    const block = asObject(properties('Bucket')['PublicAccessBlockConfiguration']);
    expect(Object.values(block)).toEqual([true, true, true, true]);
    const actionsOf = (role: string) =>
      JSON.stringify(properties(role)['Policies'])
        .match(/"\w+:\w+"/g)
        ?.sort();
    expect(actionsOf('SubscriptionRole')).toEqual(['"firehose:PutRecord"', '"firehose:PutRecordBatch"']);
    expect(actionsOf('StreamRole')).toEqual([
      '"s3:AbortMultipartUpload"',
      '"s3:GetBucketLocation"',
      '"s3:ListBucket"',
      '"s3:ListBucketMultipartUploads"',
      '"s3:PutObject"',
    ]);
  });
});

interface Request {
  readonly at: string;
  readonly keyId?: string;
  readonly userId?: string;
  readonly requestId: string;
}

/** As API Gateway writes a request: what there isn't is a hyphen. */
function accessLine({ at, keyId, userId, requestId }: Request): string {
  const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) (\S+)/.exec(new Date(at).toUTCString()) ?? [];
  expect(weekday).toBeDefined();
  const values: Record<string, string | undefined> = {
    '$context.requestId': requestId,
    '$context.requestTime': `${day}/${month}/${year}:${time} +0000`,
    '$context.authorizer.userId': userId,
    '$context.authorizer.apiKeyId': keyId,
    '$context.authorizer.authMethod': keyId === undefined ? userId && 'bearer' : 'api_key',
  };
  return ACCESS_LOG_FORMAT.replaceAll(/\$context\.[\w.]+/g, (name) => values[name] ?? '-');
}

/** Athena's own functions, of which SQLite has none. */
const FUNCTIONS = {
  date_parse(text: string, format: string) {
    expect(format).toBe('%d/%b/%Y:%H:%i:%s +0000');
    const [, day, month, year, time] = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d) \+0000$/.exec(text) ?? [];
    return new Date(`${day} ${month} ${year} ${time} UTC`).toISOString();
  },
  date_format: (moment: string, format: string) =>
    format.replace('%Y', moment.slice(0, 4)).replace('%m', moment.slice(5, 7)).replace('%d', moment.slice(8, 10)),
};

/** Runs a saved query on objects, each named by the day of its arrival, in a real SQL engine. */
async function ask(
  query: string,
  objects: readonly (readonly [arrived: string, gzip: Buffer])[],
  from: string,
  to: string,
) {
  const { Database } = await initSqlJs();
  const database = new Database();
  try {
    for (const [name, compute] of Object.entries(FUNCTIONS)) database.create_function(name, compute);
    const columns = [...COLUMNS, 'arrived'];
    database.run(`CREATE TABLE requests (${columns.map((name) => `${name} TEXT`).join(', ')})`);
    for (const [arrived, gzip] of objects) {
      for (const line of gunzipSync(gzip).toString('utf8').split('\n').filter(Boolean)) {
        const given = Object.entries(v.parse(v.record(v.string(), v.string()), JSON.parse(line)));
        const row = new Map<string, string>([
          ...given.map(([name, value]) => [name.toLowerCase(), value] as const),
          ['arrived', arrived],
        ]);
        database.run(
          `INSERT INTO requests VALUES (${columns.map(() => '?').join(', ')})`,
          columns.map((name) => row.get(name) ?? null),
        );
      }
    }
    return database.exec(query, [from, to])[0]?.values ?? [];
  } finally {
    database.close();
  }
}

describe('the saved queries', () => {
  const requests: Request[] = [
    { at: '2026-11-29T23:59:59Z', keyId: 'key-a', userId: 'ada', requestId: '1' },
    { at: '2026-11-30T00:00:00Z', keyId: 'key-a', userId: 'ada', requestId: '2' },
    { at: '2026-11-30T12:00:00Z', keyId: 'key-a', userId: 'ada', requestId: '3' },
    { at: '2026-11-30T12:00:00Z', keyId: 'key-b', userId: 'bob', requestId: '4' },
    { at: '2026-11-30T12:00:00Z', userId: 'ada', requestId: '5' },
    { at: '2026-11-30T23:59:59Z', requestId: '6' },
    { at: '2026-12-01T00:00:00Z', keyId: 'key-a', userId: 'ada', requestId: '7' },
  ];
  const object = (some: readonly Request[]) => gzipSync(some.map((request) => `${accessLine(request)}\n`).join(''));
  // Firehose has repeated some, and the last of November arrived in December.
  const objects = [
    ['2026-11-29', object(requests.slice(0, 1))],
    ['2026-11-30', object(requests.slice(1, 4))],
    ['2026-11-30', object(requests.slice(2, 5))],
    ['2026-12-01', object(requests.slice(3))],
    ['2026-12-02', object(requests.slice(6))],
  ] as const;
  const queryOf = (name: string) => v.parse(v.string(), properties(name)['QueryString']);

  it('count requests by key and day, each once', async () => {
    expect(await ask(queryOf('RequestsByKeyAndDay'), objects, '2026-11-29', '2026-12-02')).toEqual([
      ['2026-11-29', 'key-a', 1],
      ['2026-11-30', 'key-a', 2],
      ['2026-11-30', 'key-b', 1],
      ['2026-12-01', 'key-a', 1],
    ]);
  });

  it('count requests by user and month, by keys and by tokens, each once', async () => {
    expect(await ask(queryOf('RequestsByUserAndMonth'), objects, '2026-11-29', '2026-12-02')).toEqual([
      ['2026-11', 'ada', 'api_key', 3],
      ['2026-11', 'ada', 'bearer', 1],
      ['2026-11', 'bob', 'api_key', 1],
      ['2026-12', 'ada', 'api_key', 1],
    ]);
  });

  it('read only what arrived on the days that they are given', async () => {
    expect(await ask(queryOf('RequestsByKeyAndDay'), objects, '2026-11-29', '2026-11-29')).toEqual([
      ['2026-11-29', 'key-a', 1],
    ]);
  });
});
