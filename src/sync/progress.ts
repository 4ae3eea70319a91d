import * as v from 'valibot';
import { toSeconds } from '../seconds.ts';
import type { PartitionsPage } from '../table/partitions.ts';
import { putFullPass, putNotes, readNotes, readRealmItems } from '../table/realm-items.ts';
import type { Findings } from './compare.ts';
import type { Parts, PassOptions, SyncChange } from './pass.ts';
import type { Run } from './run.ts';
import { fitting, positionSchema } from './state.ts';

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const ids = v.optional(v.array(v.string()), []);

const leaseSchema = v.object({
  /** Nobody else goes on with the pass before. */
  leaseUntil: milliseconds,
});

const progressSchema = v.object({
  ...leaseSchema.entries,
  startedAt: milliseconds,
  /** Up to which of the realm's events it knows, in its first part; absent until that is cut off. */
  began: v.optional(positionSchema),
  /** Lists took all the time there was: users are looked up one by one. */
  withoutLists: v.optional(v.boolean(), false),
  /** Where the table's accounts go on; absent at their start. */
  after: v.optional(v.object({ pk: v.string(), sk: v.string() })),
  /** All accounts have been compared: what is left is to disable. */
  isCompared: v.optional(v.boolean(), false),
  ...{ accounts: count, active: count, withKeys: count },
  skipped: v.array(v.string()),
  /** How many items hold whom it has noted to disable. */
  notes: count,
});

/** How far a full pass is. Times are epoch milliseconds. */
export type Progress = v.InferOutput<typeof progressSchema>;

const notesSchema = v.object({ gone: ids, disabled: ids });

/** How long after its time a function that didn't end well may still be at it. */
const LEASE_SLACK_MS = 90_000;

/** How much of the 400 KB that DynamoDB allows an item the ids take. */
const MOST_BYTES = 300_000;

const NOTES_SECONDS = 7 * 86_400;

/** Whether a full pass was cut off, and nobody goes on with it. */
export function isUnfinished(item: unknown, now: number): boolean {
  return v.is(progressSchema, item) && item.leaseUntil < now;
}

/**
 * Begins a full pass, or goes on with one that was cut off. One that has no time limit or writes nothing is made in one
 * go, whoever else is at one.
 *
 * @returns nothing while another is at it.
 */
export async function claimFullPass(
  { table, issuer, now }: Parts,
  { endBy, dryRun }: PassOptions,
): Promise<Progress | undefined> {
  const startedAt = now();
  const leaseUntil = (endBy ?? startedAt) + LEASE_SLACK_MS;
  const counts = { accounts: 0, active: 0, withKeys: 0, skipped: [], notes: 0 };
  const beginning = { leaseUntil, startedAt, withoutLists: false, isCompared: false, ...counts };
  if (endBy === undefined || dryRun) return beginning;
  const { fullPass } = await readRealmItems(table, issuer);
  const lease = v.safeParse(leaseSchema, fullPass);
  if (lease.success && lease.output.leaseUntil >= startedAt) return undefined;
  const unfinished = v.safeParse(progressSchema, fullPass);
  const progress = unfinished.success ? { ...unfinished.output, leaseUntil } : beginning;
  const isClaimed = await putFullPass(table, issuer, progress, lease.success ? lease.output : undefined);
  return isClaimed ? progress : undefined;
}

/** Counts a part of the accounts, once all in it are compared. */
export function withPage(progress: Progress, { accounts, unreadable, withKeys, next }: PartitionsPage): Progress {
  return {
    ...progress,
    after: next,
    isCompared: next === undefined,
    accounts: progress.accounts + accounts.length + unreadable.length,
    active: progress.active + accounts.filter(({ active }) => active === true).length,
    withKeys: progress.withKeys + withKeys,
  };
}

/** Keeps how far the pass is, for whoever goes on with it. */
export async function suspend(
  { table, issuer, now }: Parts,
  progress: Progress,
  { toDisable, skipped }: Findings,
): Promise<void> {
  const purgeAt = toSeconds(now()) + NOTES_SECONDS;
  let { notes } = progress;
  for (let left = [...toDisable.values()]; left.length > 0; ) {
    const part = left.slice(
      0,
      fitting(
        left.map(({ userId }) => userId),
        MOST_BYTES,
      ).length,
    );
    const idsOf = (because: SyncChange['because']) =>
      part.filter((one) => one.because === because).map(({ userId }) => userId);
    await putNotes(table, issuer, ++notes, { gone: idsOf('gone'), disabled: idsOf('disabled_in_realm'), purgeAt });
    left = left.slice(part.length);
  }
  const kept: Progress = {
    ...progress,
    leaseUntil: 0,
    notes,
    skipped: [...skipped.keys()],
  };
  await putFullPass(table, issuer, kept, progress);
}

/** Whom earlier parts of the pass have noted to disable. */
export async function* readNoted({ table, issuer }: Parts, { notes }: Progress): AsyncGenerator<SyncChange> {
  for (let part = 1; part <= notes; part++) {
    const { gone, disabled } = v.parse(notesSchema, (await readNotes(table, issuer, part)) ?? {});
    for (const userId of gone) yield { userId, action: 'disable', because: 'gone', differs: [] };
    for (const userId of disabled) yield { userId, action: 'disable', because: 'disabled_in_realm', differs: [] };
  }
}

/** Leaves nothing to go on with. */
export async function endFullPass(run: Run, progress: Progress): Promise<void> {
  await replace(run, progress, { leaseUntil: 0 });
}

/** Lets the pass be tried again after it failed, as long after as this try took. */
export async function release(run: Run, progress: Progress): Promise<void> {
  const now = run.parts.now();
  await replace(run, progress, { ...progress, leaseUntil: Math.min(progress.leaseUntil, 2 * now - run.startedAt) });
}

async function replace(
  { parts: { table, issuer }, options: { endBy, dryRun } }: Run,
  progress: Progress,
  by: object,
): Promise<void> {
  const isClaimed = endBy !== undefined && !dryRun;
  if (isClaimed) await putFullPass(table, issuer, by, progress);
}
