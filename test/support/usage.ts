import { gzipSync } from 'node:zlib';
import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { createDecisionLog } from '../../src/authorizer/observe/decision-log.ts';
import { allow, type DenialReason, deny } from '../../src/decision.ts';
import type { Table } from '../../src/table/table.ts';

/** A decision on a key. */
export interface Decided {
  readonly keyId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly sourceIp?: string | undefined;
  /** Absent: it was let in. */
  readonly refusedFor?: DenialReason;
  readonly secret?: 'current' | 'replaced' | undefined;
  /** Of a replaced secret, in epoch milliseconds. */
  readonly grace?: { readonly since: number; readonly until: number };
  readonly allowedNetworks?: readonly string[];
}

/** The line that the authorizer writes of a decision. */
export function lineOf(decided: Decided): string {
  const { keyId, at, sourceIp, refusedFor, allowedNetworks, grace } = decided;
  let line = '';
  const log = createDecisionLog(
    (written) => {
      line = written;
    },
    () => at,
  );
  const isProven = refusedFor !== 'api_key.secret' && refusedFor !== 'api_key.unknown';
  const trace = {
    ...({ deadline: 0, tableRequests: 1, authMethod: 'api_key', apiKeyId: keyId, userId: 'user-42' } as const),
    secret: decided.secret ?? (isProven ? (grace === undefined ? 'current' : 'replaced') : undefined),
    ...(grace && { secretSince: grace.since / 1000, secretUntil: grace.until / 1000 }),
  };
  const stageArn = 'arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/prod';
  const principal = { userId: 'user-42', authMethod: 'api_key', apiKeyId: keyId, environment: 'live' } as const;
  const decision = refusedFor === undefined ? allow({ ...principal, allowedNetworks }) : deny(refusedFor);
  log.decided(decision, { sourceIp, requestId: 'r-1', stageArn }, trace, at - 5);
  return line;
}

/** Lines as CloudWatch Logs sends them to a function. */
export function batchOf(lines: readonly string[], messageType = 'DATA_MESSAGE'): object {
  const logEvents = lines.map((message, index) => ({ id: String(index).padStart(56, '0'), timestamp: 0, message }));
  const batch = {
    ...{ messageType, owner: '123456789012', logGroup: 'gatepass', logStream: 's', subscriptionFilters: ['usage'] },
    logEvents,
  };
  return { awslogs: { data: gzipSync(JSON.stringify(batch)).toString('base64') } };
}

/** All of a key's items, or of all keys, with their sets as sorted lists and without what differs from run to run. */
export async function itemsIn({ client, name }: Table, keyId?: string): Promise<readonly Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const input = { TableName: name, ConsistentRead: true, ExclusiveStartKey: start };
    const command =
      keyId === undefined
        ? new ScanCommand(input)
        : new QueryCommand({
            ...input,
            KeyConditionExpression: 'pk = :pk',
            ExpressionAttributeValues: { ':pk': `key#${keyId}` },
          });
    // Both answer with a page of items.
    const page = (await client.send(command as ScanCommand)) as {
      Items?: Record<string, unknown>[];
      LastEvaluatedKey?: Record<string, unknown>;
    };
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items
    .filter(({ pk }) => pk !== 'recorder')
    .map(({ version: _version, ...item }) =>
      Object.fromEntries(
        Object.entries(item).map(([attribute, value]) => [attribute, value instanceof Set ? [...value].sort() : value]),
      ),
    )
    .sort((a, b) => `${a['pk']} ${a['sk']}`.localeCompare(`${b['pk']} ${b['sk']}`));
}
