import type { Last } from '../table/usage.ts';

/** How many address blocks are kept. */
export const MAX_BLOCKS = 100;

/**
 * Joins two accounts of the same key's usage: the first use of both, the last, the blocks used last.
 *
 * In whatever order, however often and by however many writers lines are joined, the same comes of it. Of two last uses
 * (or refusals) the later counts, then the one from the greater address.
 */
export function joinLast(a: Last, b: Last): Last {
  const [used] = [a, b].filter(({ usedAt }) => usedAt !== undefined).sort(byUse);
  const [refused] = [a, b].filter(({ refusedAt }) => refusedAt !== undefined).sort(byRefusal);
  const firstUses = [a.firstUsedAt, b.firstUsedAt].filter((at) => at !== undefined);
  return present({
    firstUsedAt: firstUses.length === 0 ? undefined : Math.min(...firstUses),
    usedAt: used?.usedAt,
    usedFrom: used?.usedFrom,
    refusedAt: refused?.refusedAt,
    refusedFrom: refused?.refusedFrom,
    refusedFor: refused?.refusedFor,
    blocks: joinBlocks(a.blocks, b.blocks),
    realRefusals: joinRefusals(a.realRefusals, b.realRefusals),
    told: a.told ?? b.told,
    untold: a.untold ?? b.untold,
  });
}

/** The latest first. */
function byUse(a: Last, b: Last): number {
  return descending(a.usedAt, b.usedAt) || descending(a.usedFrom, b.usedFrom);
}

function byRefusal(a: Last, b: Last): number {
  return (
    descending(a.refusedAt, b.refusedAt) ||
    descending(a.refusedFrom, b.refusedFrom) ||
    descending(a.refusedFor, b.refusedFor)
  );
}

function descending<T extends string | number>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  return a < b ? 1 : -1;
}

/** Each block with its last day; of too many, those with the latest days, then the greater ones. */
function joinBlocks(a: Last['blocks'], b: Last['blocks']): Last['blocks'] {
  if (a === undefined || b === undefined) return a ?? b;
  const joined = new Map(Object.entries(a));
  for (const [block, day] of Object.entries(b)) if (day > (joined.get(block) ?? '')) joined.set(block, day);
  const latest = [...joined].sort(([x, xDay], [y, yDay]) => descending(xDay, yDay) || descending(x, y));
  return Object.fromEntries(latest.slice(0, MAX_BLOCKS));
}

function joinRefusals(a: Last['realRefusals'], b: Last['realRefusals']): Last['realRefusals'] {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.hour !== b.hour) return a.hour > b.hour ? a : b;
  const minutes = [...new Set([...a.minutes, ...b.minutes])].sort((x, y) => x - y);
  return { hour: a.hour, minutes };
}

function present(last: Last): Last {
  return Object.fromEntries(Object.entries(last).filter(([, value]) => value !== undefined));
}
