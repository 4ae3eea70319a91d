import { Command, InvalidArgumentError } from 'commander';
import type { Admin } from '../accounts/admin.ts';
import type { ApiKey } from '../accounts/api-key.ts';
import { getKey } from '../accounts/key-state.ts';
import { listKeys } from '../accounts/keys.ts';
import { isKeyId } from '../key-format/format.ts';
import { toSeconds } from '../seconds.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { readDays } from '../usage/reader.ts';
import { type ConnectOptions, onAdmin, usageOf, withUsageTable } from './connect.ts';
import { readKeysInUse } from './last-use.ts';
import { formatUsage, WHAT_IT_IS } from './usage-output.ts';

interface UsageOptions extends ConnectOptions {
  readonly days: number;
}

/** As long as the recorder keeps hours. */
const MAX_DAYS = 90;

const HELP = `
${WHAT_IT_IS}

Examples:
  gatepass usage 0i5T1SDDFrAIMls9v39s3oni96Zx --table gatepass --usage-table gatepass-usage
  gatepass usage user-42 --days 30 --local`;

/** `gatepass usage`: when a key was last used, from where and how often. */
export function usageCommand({ out, err }: Output, now: () => number = Date.now): Command {
  return withUsageTable(new Command('usage'))
    .description(
      'show when a key, or each key of a user, was last used, from where, and in how many minutes of each day',
    )
    .argument('<keyIdOrUser>', "a key's id, or a user's for all of their keys")
    .option('--days <days>', `how many days back, today included: up to ${MAX_DAYS}`, parseDays, 7)
    .addHelpText('after', HELP)
    .action(async (given: string, options: UsageOptions) => {
      const { days } = options;
      const found = await onAdmin(options, async (admin) => {
        const usage = usageOf(admin);
        const keys = await keysOf(admin, given);
        const uses = await readKeysInUse(usage, keys);
        const at = now();
        const byDay = await Promise.all(keys.map(({ keyId }) => readDays(usage, keyId, days, at)));
        return keys.map((key, index) => ({ key, uses, days: byDay[index] ?? [], at }));
      });
      if (options.json) {
        out(
          formatJson(
            found.map(({ key: { keyId, userId, name }, uses, days: each }) => {
              return { keyId, userId, name, knownSince: uses.since, ...uses.of(keyId), days: each };
            }),
          ),
        );
        return;
      }
      if (found.length === 0) return err(`User ${given} has no keys.`);
      out(found.map(({ key, uses, days: each, at }) => formatUsage(key, uses, each, toSeconds(at))).join('\n\n'));
      err(`\n${WHAT_IT_IS}`);
    });
}

async function keysOf(admin: Admin, given: string): Promise<readonly ApiKey[]> {
  return isKeyId(given) ? [await getKey(admin, given)] : listKeys(admin, given);
}

function parseDays(text: string): number {
  if (/^[1-9]\d?$/.test(text) && Number(text) <= MAX_DAYS) return Number(text);
  throw new InvalidArgumentError(`It must be a number of days from 1 to ${MAX_DAYS}.`);
}
