import { Command, Option } from 'commander';
import { createKeycloakRealm } from '../keycloak/keycloak-realm.ts';
import type { PassOptions, PassResult, SyncChange } from '../sync/pass.ts';
import { sync } from '../sync/sync.ts';
import { formatJson } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTables, withUsageTable } from './connect.ts';
import { type RealmOptions, readRealm, SECRET_VARIABLE, withRealm } from './realm-options.ts';
import { formatFailed, formatPass, notesOn } from './sync-report.ts';
import { checkedOption } from './variable-option.ts';

interface Options extends ConnectOptions, RealmOptions {
  readonly quick?: boolean;
  readonly dryRun?: boolean;
  readonly create?: boolean;
  readonly maxDisableShare: string;
  readonly accountCheck: 'keys' | 'all';
  readonly goneDays: number;
  /** Seconds. */
  readonly maxTokenLifetime: number;
}

const HELP = `
The realm is asked as the service account of a client with the roles view-users and view-realm of realm-management;
with view-events too, and admin events switched on, quick passes see changes by administrators and not only who was
disabled. The client's secret is taken from ${SECRET_VARIABLE} or standard input, never from an argument.

A full pass, the default, compares every account: email, names and roles are brought into line, the accounts of users
who are gone or disabled are disabled, and those that a pass disabled are enabled again with their users. What an
operator disabled stays so. A quick pass is cheap enough for every minute. Exit status 1: the realm did not answer for
more than one account in a hundred and nobody was disabled, or too many would be disabled at once and were held back.

Examples:
  gatepass sync --issuer https://id.example.com/realms/main --table gatepass --dry-run
  gatepass sync --quick --issuer https://id.example.com/realms/main --table gatepass < secret.txt`;

/** `gatepass sync`: brings accounts into line with the realm. */
export function syncCommand({ out, err }: Output): Command {
  function show(result: PassResult): void {
    out(formatPass(result));
    for (const note of notesOn(result)) err(note);
  }

  return withRealm(withUsageTable(new Command('sync')))
    .description('bring accounts into line with the realm: who is gone or disabled, names, email and roles')
    .addOption(new Option('--full', 'compare every account (default)').conflicts('quick'))
    .option('--quick', 'look only at what has changed since the last pass')
    .option('--dry-run', 'tell what would be changed and write nothing')
    .addOption(
      new Option(
        '--create',
        "create accounts for the realm's enabled users who have none; not service accounts",
      ).conflicts('quick'),
    )
    .option('--max-disable-share <percent>', 'the most accounts that may be disabled at once; 100 for all', '10')
    .addOption(checkedOption('GATEPASS_ACCOUNT_CHECK', 'of which accounts: keys (those with live keys), or all too'))
    .addOption(checkedOption('GATEPASS_SYNC_GONE_DAYS'))
    .addOption(checkedOption('GATEPASS_MAX_TOKEN_LIFETIME'))
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const changes: SyncChange[] = [];
      const result = await run(options, err, (change) => changes.push(change)).catch((error: unknown) => {
        if (changes.length > 0) err(formatFailed(changes));
        throw error;
      });
      if (options.json) out(formatJson(result));
      else show(result);
    });
}

async function run(
  options: Options,
  err: Output['err'],
  onChange: NonNullable<PassOptions['onChange']>,
): Promise<PassResult> {
  const { quick, dryRun, create, accountCheck, goneDays, maxTokenLifetime } = options;
  const maxDisableShare = shareOf(options.maxDisableShare);
  const { issuer, address, account } = await readRealm(options);
  const realm = createKeycloakRealm(address, account);
  const progress = createProgress(err);
  const onProgress = (compared: number) => progress.show(`${compared} accounts compared`);
  const judged = { maxDisableShare, accountCheck, goneDays, maxTokenLifetime };
  return onTables(options, (table, usage) =>
    sync(
      { realm, table, usage, issuer },
      { pass: quick ? 'quick' : 'full', dryRun, create, ...judged, onChange, onProgress },
    ),
  ).finally(progress.end);
}

function shareOf(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent >= 0 && percent <= 100) return percent / 100;
  throw new UsageError('--max-disable-share must be a percentage from 0 to 100.');
}
