import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../decision.ts';
import { forEachOf } from '../pool.ts';
import { toSeconds } from '../seconds.ts';
import type { Table } from '../table/table.ts';
import { changeLast } from '../table/usage.ts';
import { addToHour } from '../table/usage-hours.ts';
import type { AddressMode } from './address.ts';
import { createCeiling } from './ceiling.ts';
import { type PassedOver, readLine } from './decision-line.ts';
import { fold, type KeyLines } from './fold.ts';
import { joinLast } from './last.ts';
import { createMemory, isNews, unknownOf, withWritten } from './memory.ts';
import { beginTelling, endTelling, leftUntold } from './untold.ts';
import type { Unusual, Watch } from './unusual.ts';

export interface RecorderParts {
  /** The usage table. */
  readonly usage: Table;
  readonly now: Clock;
  readonly addresses: AddressMode;
  /** A text that was never given before, as a random UUID. */
  readonly newVersion: () => string;
  /** How many keys' refusals are written in a minute: with a secret of the key's, and without. 300 if not told. */
  readonly refusalsPerMinute?: number | undefined;
  /** Tells what is unusual, and is told of it; without it nothing is. */
  readonly watch?: Watch | undefined;
}

/** What became of some lines. */
export interface Recorded {
  readonly lines: number;
  readonly uses: number;
  readonly refusals: number;
  readonly passedOver: Readonly<Partial<Record<PassedOver, number>>>;
  /** Refusals that were left out, since too many keys' were written in this minute. */
  readonly refusalsOverCeiling: number;
  /** Items that were written. */
  readonly writes: number;
}

export interface Recorder {
  /**
   * Writes what lines of the decision log tell of keys, and tells what is unusual.
   *
   * @throws when something couldn't be written or told. A repeat changes nothing that was, so the lines may come again.
   */
  record(lines: readonly string[]): Promise<Recorded>;
}

/** How many keys are written at a time. */
const CONCURRENCY = 16;

/**
 * Folds lines of the decision log into the usage table: sets that only grow, and a last moment that only gets later. So
 * lines may come twice, in any order and by any number of recorders, and the same comes of it.
 */
export function createRecorder(parts: RecorderParts): Recorder {
  const { usage, now, addresses, newVersion, watch, refusalsPerMinute = 300 } = parts;
  const memory = createMemory();
  const ceiling = createCeiling(now, refusalsPerMinute);

  return {
    async record(lines) {
      const keys = new Map<string, KeyLines>();
      const passedOver: Partial<Record<PassedOver, number>> = {};
      for (const line of lines) {
        const read = readLine(line, now());
        if (typeof read === 'string') passedOver[read] = (passedOver[read] ?? 0) + 1;
        else fold(keys, read, addresses);
      }
      const result = { lines: lines.length, uses: 0, refusals: 0, passedOver, refusalsOverCeiling: 0, writes: 0 };
      const toTell: (readonly [string, readonly Unusual[]])[] = [];
      await forEachOf(keys, CONCURRENCY, async ([keyId, key]) => {
        const { uses, refusals } = key;
        result.uses += uses?.lines ?? 0;
        result.refusals += refusals?.lines ?? 0;
        if (refusals !== undefined && isNews(memory.of(keyId), refusals) && !ceiling.admit(refusals.isProven)) {
          result.refusalsOverCeiling += refusals.lines;
          delete key.refusals;
        }
        const { writes, unusual } = await recordKey(keyId, key);
        result.writes += writes;
        if (unusual.length > 0) toTell.push([keyId, unusual]);
      });
      // Last, so that a topic that takes nothing holds up no recording.
      await forEachOf(toTell, CONCURRENCY, async ([keyId, unusual]) => {
        await watch?.tell(keyId, unusual);
        result.writes += await markAsTold(keyId, unusual);
      });
      return result;
    },
  };

  /** @returns how many items were written, and what is to be told now. */
  async function recordKey(keyId: string, key: Readonly<KeyLines>) {
    let unusual: readonly Unusual[] = [];
    let writes = 0;
    const folded = [key.uses, key.refusals].filter((part) => part !== undefined);
    if (folded.length === 0) return { writes, unusual };
    let known = memory.of(keyId);
    for (const hour of new Set(folded.flatMap(({ hours }) => [...hours.keys()]))) {
      const sets = folded.flatMap(({ hours }) => hours.get(hour) ?? []);
      const all = {
        minutes: new Map(sets.flatMap(({ minutes }) => [...minutes])),
        addresses: new Map(sets.flatMap(({ addresses: some }) => [...some])),
      };
      const news = unknownOf(known, hour, all);
      if (news === undefined) continue;
      known = withWritten(known, hour, news, await addToHour(usage, keyId, hour, news));
      writes++;
    }
    const seen = folded.map(({ last }) => last).reduce(joinLast);
    const { last, isWritten } = await changeLast(usage, keyId, known.last, (before) => {
      const at = toSeconds(now());
      unusual = watch === undefined ? [] : [...leftUntold(before ?? {}, at), ...watch.judge(before, key)];
      const joined = joinLast(before ?? {}, seen);
      const isSame = before !== undefined && isDeepStrictEqual(joined, joinLast(before, {}));
      return isSame && unusual.length === 0
        ? undefined
        : { ...beginTelling(joined, unusual, at), version: newVersion() };
    });
    memory.keep(keyId, { ...known, last });
    return { writes: isWritten ? writes + 1 : writes, unusual };
  }

  /** @returns how many items were written. */
  async function markAsTold(keyId: string, unusual: readonly Unusual[]): Promise<number> {
    const known = memory.of(keyId);
    const { last, isWritten } = await changeLast(
      usage,
      keyId,
      known.last,
      (before) => before && { ...endTelling(before, unusual), version: newVersion() },
    );
    memory.keep(keyId, { ...known, last });
    return isWritten ? 1 : 0;
  }
}
