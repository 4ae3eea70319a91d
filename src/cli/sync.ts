import { Command, Option } from 'commander';
import { parseJwks } from '../bearer/jwks.ts';
import { createKeycloakRealm } from '../keycloak/keycloak-realm.ts';
import { realmAddress } from '../keycloak/realm-address.ts';
import type { PassResult, SyncChange, Waiting } from '../sync/pass.ts';
import { sync } from '../sync/sync.ts';
import { formatJson, formatTable } from '../terminal/format.ts';
import type { Output } from '../terminal/output.ts';
import { createProgress } from '../terminal/progress.ts';
import { readSecret } from '../terminal/read-secret.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type ConnectOptions, onTable, withTable } from './connect.ts';
import { checkedOption, variableOption } from './variable-option.ts';

interface Options extends ConnectOptions {
  readonly issuer?: string;
  readonly adminUrl?: string;
  readonly clientId: string;
  readonly quick?: boolean;
  readonly dryRun?: boolean;
  readonly create?: boolean;
  readonly maxDisableShare: string;
}

const SECRET_VARIABLE = 'GATEPASS_SYNC_CLIENT_SECRET';

const HELP = `
The realm is asked as the service account of a client with the role view-users of realm-management; with view-events
too, and admin events switched on, quick passes see changes by administrators and not only who was disabled. The
client's secret is taken from ${SECRET_VARIABLE} or standard input, never from an argument.

A full pass, the default, looks every account up: email, names and roles are brought into line, the accounts of users
who are gone or disabled are disabled, and those that a pass disabled are enabled again with their users. What an
operator disabled stays so. A quick pass is cheap enough for every minute. Exit status 1: nothing was changed, since the
realm did not answer for everyone or too many accounts would be disabled at once.

Examples:
  gatepass sync --issuer https://id.example.com/realms/main --table gatepass --dry-run
  gatepass sync --quick --issuer https://id.example.com/realms/main --table gatepass < secret.txt`;

/** `gatepass sync`: brings accounts into line with the realm. */
export function syncCommand({ out, err }: Output): Command {
  return withTable(new Command('sync'))
    .description('bring accounts into line with the realm: who is gone or disabled, names, email and roles')
    .addOption(new Option('--full', 'look every account up (default)').conflicts('quick'))
    .option('--quick', 'look only at what has changed since the last pass')
    .addOption(variableOption('GATEPASS_ISSUER'))
    .addOption(variableOption('GATEPASS_SYNC_ADMIN_URL'))
    .addOption(checkedOption('GATEPASS_SYNC_CLIENT_ID'))
    .option('--dry-run', 'tell what would be changed and write nothing')
    .addOption(
      new Option(
        '--create',
        "create accounts for the realm's enabled users who have none; not service accounts",
      ).conflicts('quick'),
    )
    .option('--max-disable-share <percent>', 'the most active accounts that may be disabled at once; 100 for all', '10')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const result = await run(options, err);
      out(options.json ? formatJson(result) : describe(result));
      for (const waiting of options.json ? [] : result.waiting) err(WAITING[waiting]);
      if (!options.json && result.keySet === 'not_kept') err(NO_KEY_SET);
    });
}

async function run(options: Options, err: Output['err']): Promise<PassResult> {
  const { issuer, adminUrl, clientId, quick, dryRun, create } = options;
  if (!issuer) throw new UsageError("Which realm? Give --issuer URL (or GATEPASS_ISSUER), as in your tokens' iss.");
  const maxDisableShare = shareOf(options.maxDisableShare);
  const address = realmAddress(issuer, adminUrl || undefined);
  const clientSecret = process.env[SECRET_VARIABLE] || (await readSecret(`the secret of ${clientId}`));
  const realm = createKeycloakRealm(address, { clientId, clientSecret }, Date.now);
  const progress = createProgress(err);
  const pass = quick ? 'quick' : 'full';
  return onTable(options, (table) =>
    sync(
      { realm, table, issuer, now: Date.now, parseJwks },
      {
        pass,
        dryRun,
        create,
        maxDisableShare,
        onProgress: (lookedUp) => progress.show(`${lookedUp} accounts looked up`),
      },
    ),
  ).finally(progress.end);
}

function shareOf(text: string): number {
  const percent = Number(text);
  if (text.trim() !== '' && percent >= 0 && percent <= 100) return percent / 100;
  throw new UsageError('--max-disable-share must be a percentage from 0 to 100.');
}

const DONE: Readonly<Record<SyncChange['action'], string>> = {
  disable: 'disabled',
  enable: 'enabled',
  update: 'updated',
  create: 'created',
};

function describe({ pass, dryRun, lookedUp, changes }: PassResult): string {
  const rows = changes.map(({ userId, action, because, differs }) => ({
    USER: userId,
    CHANGE: dryRun ? action : DONE[action],
    BECAUSE: because,
    DIFFERS: differs.join(' '),
  }));
  const counts = (['disable', 'enable', 'update', 'create'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count > 0 ? [`${count} ${DONE[action]}`] : [];
  });
  const would = dryRun ? 'would be ' : '';
  const done = counts.length > 0 ? would + counts.join(', ') : `nothing ${dryRun ? 'to change' : 'changed'}`;
  const summary = `${pass} pass: ${lookedUp} ${lookedUp === 1 ? 'account' : 'accounts'} looked up, ${done}.`;
  return rows.length > 0 ? `${formatTable(rows)}\n${summary}` : summary;
}

const WAITING: Readonly<Record<Waiting, string>> = {
  no_admin_events:
    'The realm keeps no admin events, so quick passes see only who was disabled or enabled: the rest waits for a full ' +
    'pass (Realm settings > Events > Admin events settings > Save events).',
  no_view_events:
    "The client may not read the realm's events, so quick passes see only who was disabled or enabled: give its " +
    'service account the role view-events of the client realm-management.',
  roles_or_groups_changed: "A role or a group was changed: its members' roles wait for a full pass.",
  too_many_disabled:
    'More users are disabled than are kept track of: who is newly disabled waits for a full pass, which a quick one is ' +
    'made every 15 minutes. Schedule full passes instead.',
  too_many_changes: 'More was changed than a quick pass looks at: it waits for a full pass.',
  changed_meanwhile: 'Some accounts were changed by somebody else meanwhile: they wait for the next pass.',
};

const NO_KEY_SET =
  "The realm's key set could not be kept in the table: it could not be fetched, or has no key for RS256.";
