import type { Last } from '../table/usage.ts';
import { REFUSED } from '../table/usage-hours.ts';
import { dayOf } from './days.ts';
import { type FoldedLines, type GraceUse, type KeyLines, REAL_REFUSALS } from './fold.ts';
import { joinLast, MAX_BLOCKS } from './last.ts';

/** What is unusual about a key's use. */
export interface Unusual {
  readonly kind: string;
  /** The day on which it was so, `YYYY-MM-DD`: nothing is told twice of a key on one day. */
  readonly day: string;
  /** What was seen, for people. */
  readonly text: string;
}

/** As it is judged now: what is kept in the table may be of another version. docs/usage.md explains each kind. Stable. */
interface Judged extends Unusual {
  readonly kind: 'new_block' | 'silence_broken' | 'refused_often' | 'grace_ending';
}

export interface Thresholds {
  /** A block that wasn't seen for so many days is new; and a key is known well after so many. */
  readonly newBlockDays: number;
  /** After so many days without use, a use is unusual. */
  readonly silenceDays: number;
  /** A key that is refused in more minutes of an hour than these is refused often. */
  readonly refusedMinutes: number;
}

/** What is to be told of a key, and how it is. */
export interface Watch {
  judge(before: Last | undefined, lines: Readonly<KeyLines>): readonly Unusual[];
  /** @throws when nobody heard it, so that it is told again. */
  tell(keyId: string, unusual: readonly Unusual[]): Promise<void>;
}

const DAY = 86_400;
const DAY_MS = DAY * 1000;

/**
 * What new lines show that is unusual for a key and wasn't told on that day.
 *
 * @param before what was kept of the key until now.
 */
export function judge(before: Last | undefined, lines: Readonly<KeyLines>, thresholds: Thresholds): readonly Unusual[] {
  const found = [
    newBlock(before, lines.uses?.last ?? {}, thresholds),
    silenceBroken(before, lines.uses?.last ?? {}, thresholds),
    refusedOften(before, lines.refusals, thresholds),
    graceEnding(lines.grace),
  ];
  return found
    .filter((one) => one !== undefined && one.day > (before?.told?.[one.kind] ?? ''))
    .flatMap((one) => one ?? []);
}

/** A key is learned for as long as a block counts as known. Of one that is used from everywhere nothing can be told. */
function newBlock(
  before: Last | undefined,
  { usedAt, blocks = {} }: Last,
  { newBlockDays }: Thresholds,
): Judged | undefined {
  if (before?.firstUsedAt === undefined || usedAt === undefined) return undefined;
  if (usedAt - before.firstUsedAt < newBlockDays * DAY) return undefined;
  const known = before.blocks ?? {};
  const days = Object.values(known);
  const earliest = (day: string) => dayOf(Date.parse(day) - newBlockDays * DAY_MS);
  const isCutShort = (day: string) => days.length >= MAX_BLOCKS && days.every((one) => one >= earliest(day));
  for (const [block, day] of Object.entries(blocks)) {
    if ((known[block] ?? '') >= earliest(day) || isCutShort(day)) continue;
    return { kind: 'new_block', day, text: `used from ${block}, where it was not used from in ${newBlockDays} days` };
  }
  return undefined;
}

function silenceBroken(
  before: Last | undefined,
  { firstUsedAt }: Last,
  { silenceDays }: Thresholds,
): Judged | undefined {
  if (before?.usedAt === undefined || firstUsedAt === undefined) return undefined;
  const days = Math.floor((firstUsedAt - before.usedAt) / DAY);
  if (days < silenceDays) return undefined;
  return { kind: 'silence_broken', day: dayOf(firstUsedAt * 1000), text: `used again after ${days} days without use` };
}

function refusedOften(
  before: Last | undefined,
  refusals: FoldedLines | undefined,
  { refusedMinutes }: Thresholds,
): Judged | undefined {
  const real = refusals?.last.realRefusals;
  if (real === undefined) return undefined;
  const { hour, minutes } = joinLast(before ?? {}, { realRefusals: real }).realRefusals ?? real;
  if (hour !== real.hour || minutes.length <= refusedMinutes) return undefined;
  const names = refusals?.hours.get(hour)?.minutes.keys() ?? [];
  const reasons = [...names].map((name) => name.slice(REFUSED.length)).filter((reason) => REAL_REFUSALS.has(reason));
  const text = `refused in ${minutes.length} minutes of an hour, though with a secret of its own (${reasons.sort().join(', ')})`;
  return { kind: 'refused_often', day: hour.slice(0, 10), text };
}

/** The last quarter of the grace, a day at most: whoever uses the old secret then will be refused soon. */
function graceEnding(grace: GraceUse | undefined): Judged | undefined {
  if (grace === undefined) return undefined;
  const { at, from, since, until } = grace;
  const isEnding = at < until && at >= until - Math.min(DAY_MS, (until - since) / 4);
  if (!isEnding) return undefined;
  const end = new Date(until).toISOString().replace('.000Z', 'Z');
  const text = `still used by its replaced secret${from === undefined ? '' : ` from ${from}`}, which ends at ${end}: rotation would break this caller`;
  return { kind: 'grace_ending', day: dayOf(at), text };
}
