import type { PassResult, Pending, SyncChange } from '../sync/pass.ts';
import { formatTable } from '../terminal/format.ts';

const DONE: Readonly<Record<SyncChange['action'], string>> = {
  disable: 'disabled',
  enable: 'enabled',
  update: 'updated',
  delete: 'deleted',
  create: 'created',
};

const BECAUSE: Readonly<Record<NonNullable<SyncChange['because']>, string>> = {
  gone: 'gone',
  disabled_in_realm: 'disabled in the realm',
};

/** What a pass did or would do, as a table and a sentence. */
export function formatPass({ pass, dryRun, compared, changes }: PassResult): string {
  const counts = countsOf(changes);
  const done = counts === '' ? `nothing ${dryRun ? 'to change' : 'changed'}` : `${dryRun ? 'would be ' : ''}${counts}`;
  const summary = `${pass} pass: ${compared} ${compared === 1 ? 'account' : 'accounts'} compared, ${done}.`;
  return changes.length > 0 ? `${formatChanges(changes, dryRun)}\n${summary}` : summary;
}

/** What a pass had done before it failed. */
export function formatFailed(changes: readonly SyncChange[]): string {
  return `${formatChanges(changes, false)}\nBefore the pass failed: ${countsOf(changes)}.`;
}

function formatChanges(changes: readonly SyncChange[], dryRun: boolean): string {
  return formatTable(
    changes.map(({ userId, action, because, differs }) => ({
      USER: userId,
      CHANGE: dryRun ? action : DONE[action],
      BECAUSE: because && BECAUSE[because],
      DIFFERS: differs.join(' '),
    })),
  );
}

function countsOf(changes: readonly SyncChange[]): string {
  return (['disable', 'enable', 'update', 'delete', 'create'] as const)
    .map((action) => ({ action, count: changes.filter((change) => change.action === action).length }))
    .flatMap(({ action, count }) => (count > 0 ? [`${count} ${DONE[action]}`] : []))
    .join(', ');
}

/** What is left to do or to see, a line each. */
export function notesOn({ pending, skipped, keySet }: PassResult): readonly string[] {
  return [
    ...pending.map((what) => PENDING[what]),
    ...skipped.map(({ userId, why, passes }) => {
      const running = passes > 1 ? ` for the ${ordinal(passes)} full pass running` : '';
      return `User ${userId} was skipped${running}: ${why}`;
    }),
    ...(keySet === 'not_kept' ? [NO_KEY_SET] : []),
  ];
}

function ordinal(count: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd' }[
    new Intl.PluralRules('en', { type: 'ordinal' }).select(count) as string
  ];
  return `${count}${ending ?? 'th'}`;
}

const PENDING: Readonly<Record<Pending, string>> = {
  no_admin_events:
    'The realm keeps no admin events, so quick passes see only who was disabled or enabled. The rest is left to full ' +
    'passes (Realm settings > Events > Admin events settings > Save events).',
  no_view_events:
    "The client may not read the realm's events, so quick passes see only who was disabled or enabled: give its " +
    'service account the role view-events of the client realm-management.',
  no_view_realm:
    'The client may not list who has which role, so each user is asked for, two requests an account, nor see whether the ' +
    'realm has revoked all tokens: give its service account the role view-realm of the client realm-management.',
  roles_or_groups_changed: "A role or a group was changed: its members' roles are left to the next full pass.",
  too_many_disabled:
    'More users are disabled than are kept track of: who is newly disabled is left to a full pass, which a quick one is ' +
    'made every 15 minutes. Schedule full passes instead.',
  too_many_changes: 'More was changed than a quick pass looks at: it is left to a full pass.',
  changed_meanwhile: 'Some accounts were changed by somebody else meanwhile: they are left to the next pass.',
  full_pass_running: 'Another full pass is running: this one was not made.',
  full_pass_unfinished: 'A full pass was cut off: the scheduled function goes on with it.',
};

const NO_KEY_SET =
  "The realm's key set could not be kept in the table: it could not be fetched, or has no key for RS256.";
