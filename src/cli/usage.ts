import { Command, InvalidArgumentError } from 'commander';
import { getKey } from '../accounts/key-state.ts';
import { listKeys } from '../accounts/keys.ts';
import { isKeyId } from '../key-format/format.ts';
import { toSeconds } from '../seconds.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import type { Caller } from '../usage/access-log.ts';
import { daysUpTo } from '../usage/days.ts';
import { readDays } from '../usage/reader.ts';
import { type ConnectOptions, onAdmin, usageOf, withUsageTable } from './connect.ts';
import { readKeysInUse } from './last-use.ts';
import { formatUsage, type KeyUsage, WHAT_IT_IS } from './usage-output.ts';
import {
  checkRequestOptions,
  countRequests,
  formatRequests,
  type RequestOptions,
  type Requests,
} from './usage-requests.ts';

interface UsageOptions extends ConnectOptions, RequestOptions {
  readonly days: number;
  readonly requests?: boolean;
}

/** As long as the recorder keeps hours. */
const MAX_DAYS = 90;

const HELP = `
${WHAT_IT_IS}
--requests counts requests and addresses exactly, in the access logs of one API, by CloudWatch Logs Insights.

Examples:
  gatepass usage 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass --usage-table gatepass-usage
  gatepass usage user-42 --days 30 --local
  gatepass usage user-42 --table gatepass --usage-table gatepass-usage --requests --access-log-group orders-api`;

/** `gatepass usage`: when a key was last used, from where and how often. */
export function usageCommand({ out, err }: Output, now: () => number = Date.now): Command {
  return withUsageTable(new Command('usage'))
    .description(
      'show when a key, or each key of a user, was last used, from where, and in how many minutes of each day',
    )
    .argument('<keyIdOrUser>', "a key's id, or a user's for all of their keys")
    .option('--days <days>', `how many days back, today included: up to ${MAX_DAYS}`, parseDays, 7)
    .option('--requests', 'count requests exactly, in access logs; asks no usage table unless one is given')
    .option('--access-log-group <name>', 'the log group of those access logs')
    .addHelpText('after', HELP)
    .action(async (given: string, options: UsageOptions) => {
      const at = now();
      const found = await ask(given, options, at, err);
      if (options.json) return out(formatJson(asJson(found)));
      const { keys, requests } = found;
      const texts = keys.map((key) => formatUsage(key, toSeconds(at)));
      if (requests !== undefined) texts.push(formatRequests(requests, daysUpTo(at, options.days)));
      if (texts.length > 0) out(texts.join('\n\n'));
      else err(`User ${given} has no keys.`);
      if (keys.length > 0) err(`\n${WHAT_IT_IS}`);
    });
}

interface Found {
  readonly keys: readonly KeyUsage[];
  readonly requests: Requests | undefined;
}

async function ask(given: string, options: UsageOptions, at: number, err: Output['err']): Promise<Found> {
  if (!options.requests) return { keys: await readKeys(given, options, at), requests: undefined };
  const caller: Caller = isKeyId(given) ? { keyId: given } : { userId: given };
  checkRequestOptions(caller, options);
  // Whoever counts requests need not have a usage table.
  const keys = options.usageTable === undefined ? [] : await readKeys(given, options, at);
  const [firstDay = ''] = daysUpTo(at, options.days);
  const span = { from: Date.parse(firstDay) / 1000, to: toSeconds(at) };
  return { keys, requests: await countRequests(caller, options, span, err) };
}

/** The keys that are meant, with what is recorded of them. */
function readKeys(given: string, options: UsageOptions, at: number): Promise<readonly KeyUsage[]> {
  return onAdmin(options, async (admin) => {
    const usage = usageOf(admin);
    const keys = isKeyId(given) ? [await getKey(admin, given)] : await listKeys(admin, given);
    const uses = await readKeysInUse(usage, keys);
    return Promise.all(
      keys.map(async (key) => ({ key, uses, days: await readDays(usage, key.keyId, options.days, at) })),
    );
  });
}

function asJson({ keys, requests }: Found): object {
  const each = keys.map(({ key: { keyId, userId, name }, uses, days }) => {
    return { keyId, userId, name, knownSince: uses.since, ...uses.of(keyId), days };
  });
  return requests === undefined ? each : { keys: each, requests };
}

function parseDays(text: string): number {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= MAX_DAYS) return Number(text);
  throw new InvalidArgumentError(`It must be a number of days from 1 to ${MAX_DAYS}.`);
}
