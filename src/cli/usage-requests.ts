import { formatTable, type Row } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type Caller, isQueryable, MAX_ROWS, requestQueries } from '../usage/access-log.ts';
import { DOLLARS_A_GB, openInsights } from './insights.ts';
import { formatBars } from './usage-output.ts';

/** The requests of a key, or of a user by keys, as the access logs have them. */
export interface Requests {
  readonly days: readonly { readonly day: string; readonly status: string; readonly requests: number }[];
  readonly origins: readonly Origin[];
  /** Whether there are more origins than Insights gives. */
  readonly isCutOff: boolean;
  readonly bytesScanned: number;
  /** About, in dollars. */
  readonly cost: number;
}

interface Origin {
  readonly sourceIp: string;
  readonly method: string;
  readonly path: string;
  readonly status: string;
  readonly requests: number;
  readonly first: string;
  readonly last: string;
}

export interface RequestOptions {
  readonly accessLogGroup?: string;
  readonly local?: boolean;
  readonly region?: string;
  readonly profile?: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html */
const LOG_GROUP = /^[\w./#-]{1,512}$/;

const GB = 1_000_000_000;

/** Whatever can be known to be wrong before anything is asked. @throws UsageError */
export function checkRequestOptions(caller: Caller, { accessLogGroup, local }: RequestOptions): void {
  if (local) throw new UsageError('--requests asks access logs in CloudWatch: there are none of the local gateway.');
  if (accessLogGroup === undefined || !LOG_GROUP.test(accessLogGroup)) {
    throw new UsageError("Which access logs? Give --access-log-group NAME: that of the API's stage.");
  }
  if ('userId' in caller && !isQueryable(caller.userId)) {
    throw new UsageError(
      'This user id has characters that may not stand in a query: ask for each of their keys by its id.',
    );
  }
}

/** Counts requests by CloudWatch Logs Insights. Times in epoch seconds. */
export async function countRequests(
  caller: Caller,
  options: RequestOptions,
  { from, to }: { readonly from: number; readonly to: number },
  err: Output['err'],
): Promise<Requests> {
  const progress = createProgress(err);
  const scanned = [0, 0];
  const total = () => scanned.reduce((sum, bytes) => sum + bytes, 0);
  const insights = await openInsights(options);
  const run = (query: string, index: number) =>
    insights.run({ logGroup: options.accessLogGroup ?? '', query, from, to }, (bytes) => {
      scanned[index] = bytes;
      progress.show(`Counting requests: ${formatBytes(total())} scanned`);
    });
  try {
    const { byDay, byOrigin } = requestQueries(caller);
    const [days, origins] = await Promise.all([run(byDay, 0), run(byOrigin, 1)]);
    const bytesScanned = days.bytesScanned + origins.bytesScanned;
    return {
      days: days.rows.map((row) => ({
        day: (row['bin(1d)'] ?? '').slice(0, 10),
        status: row['status'] ?? '',
        requests: Number(row['requests']),
      })),
      origins: origins.rows.map(toOrigin),
      isCutOff: origins.rows.length >= MAX_ROWS,
      bytesScanned,
      cost: (bytesScanned / GB) * DOLLARS_A_GB,
    };
  } finally {
    insights.close();
    progress.end();
  }
}

function toOrigin(row: Readonly<Record<string, string>>): Origin {
  const text = (name: string) => row[name] ?? '';
  return {
    ...{ sourceIp: text('sourceIp'), method: text('method'), path: text('path'), status: text('status') },
    ...{ requests: Number(row['requests']), first: text('first'), last: text('last') },
  };
}

/** How many origins are shown; `--json` has all. */
const SHOWN = 25;

/** @param days every day that was asked for. */
export function formatRequests(
  { days, origins, isCutOff, bytesScanned, cost }: Requests,
  all: readonly string[],
): string {
  const ofDay = (wanted: string) => sum(days.filter(({ day }) => day === wanted));
  const bars = all.map((day) => ({ day, value: ofDay(day) }));
  const rows = origins.slice(0, SHOWN).map(({ sourceIp, method, path, status, requests, first, last }): Row => {
    return { FROM: sourceIp, METHOD: method, PATH: path, STATUS: status, REQUESTS: requests, FIRST: first, LAST: last };
  });
  const more = origins.length - rows.length;
  return [
    formatBars('REQUESTS', bars),
    '',
    `By status     ${statusesOf(days)}`,
    `Addresses     ${new Set(origins.map(({ sourceIp }) => sourceIp)).size}${isCutOff ? ' and more' : ''}`,
    ...(rows.length > 0 ? ['', formatTable(rows)] : []),
    ...(more > 0 ? [`… and ${more} more: --json has them.`] : []),
    '',
    `Scanned ${formatBytes(bytesScanned)}, for about $${cost.toFixed(cost < 0.1 ? 4 : 2)} at $${DOLLARS_A_GB} a GB.`,
  ].join('\n');
}

function sum(rows: readonly { readonly requests: number }[]): number {
  return rows.reduce((total, { requests }) => total + requests, 0);
}

function statusesOf(days: Requests['days']): string {
  const statuses = [...new Set(days.map(({ status }) => status))].sort();
  if (statuses.length === 0) return '-';
  return statuses.map((status) => `${status}: ${sum(days.filter((day) => day.status === status))}`).join(', ');
}

function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1000)} KB`;
  return bytes < GB ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / GB).toFixed(2)} GB`;
}
