import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchLogsClient, ResultField } from '@aws-sdk/client-cloudwatch-logs';

/** A query of CloudWatch Logs Insights. Times in epoch seconds. */
interface InsightsQuery {
  readonly logGroup: string;
  readonly query: string;
  readonly from: number;
  readonly to: number;
}

interface InsightsResult {
  readonly rows: readonly Readonly<Record<string, string>>[];
  readonly bytesScanned: number;
}

export interface Insights {
  /** Runs a query to its end. @throws when it fails, or is cancelled or timed out there. */
  run(query: InsightsQuery, onScanned: (bytes: number) => void): Promise<InsightsResult>;
  close(): void;
}

/** What CloudWatch Logs Insights costs in us-east-1, in dollars a GB: https://aws.amazon.com/cloudwatch/pricing/ */
export const DOLLARS_A_GB = 0.005;

const POLL_MS = 500;

/** Opens CloudWatch Logs Insights. Its part of the AWS SDK is loaded here, since no other command needs it. */
export async function openInsights(options: {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
}): Promise<Insights> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs');
  const { region, profile } = options;
  const client: CloudWatchLogsClient = new sdk.CloudWatchLogsClient({
    ...(region !== undefined && { region }),
    ...(profile !== undefined && { profile }),
  });
  return {
    async run({ logGroup, query, from, to }, onScanned) {
      const started = await client.send(
        new sdk.StartQueryCommand({ logGroupName: logGroup, queryString: query, startTime: from, endTime: to }),
      );
      for (;;) {
        const {
          status,
          results = [],
          statistics,
        } = await client.send(new sdk.GetQueryResultsCommand({ queryId: started.queryId }));
        const bytesScanned = statistics?.bytesScanned ?? 0;
        onScanned(bytesScanned);
        if (status === 'Complete') return { rows: results.map(toRow), bytesScanned };
        if (status !== 'Scheduled' && status !== 'Running') {
          throw new Error(`CloudWatch Logs Insights ended the query: ${status}. Ask for fewer --days, or try again.`);
        }
        await sleep(POLL_MS);
      }
    },
    close: () => client.destroy(),
  };
}

function toRow(fields: readonly ResultField[]): Readonly<Record<string, string>> {
  return Object.fromEntries(fields.map(({ field = '', value = '' }) => [field, value]));
}
