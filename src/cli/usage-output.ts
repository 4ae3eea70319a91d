import type { ApiKey } from '../accounts/api-key.ts';
import { formatTime } from '../terminal/format.ts';
import type { DayOfUse, LastUse } from '../usage/reader.ts';
import { formatAgo, type KeysInUse, lastUsedText } from './last-use.ts';

const BAR_WIDTH = 40;

/** A day and its number, drawn as a bar. */
interface Bar {
  readonly day: string;
  readonly value: number;
}

/** A bar for each day, the longest as wide as there is room. */
export function formatBars(heading: string, bars: readonly Bar[]): string {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const width = String(most).length;
  const lines = bars.map(({ day, value }) => {
    const length = value === 0 ? 0 : Math.max(1, Math.round((value / most) * BAR_WIDTH));
    return `${day}  ${String(value).padStart(width)}  ${'#'.repeat(length)}`.trimEnd();
  });
  return [`DAY         ${heading}`, ...lines].join('\n');
}

/** A key and what is recorded of it. */
export interface KeyUsage {
  readonly key: ApiKey;
  readonly uses: KeysInUse;
  readonly days: readonly DayOfUse[];
}

/** What is known of one key: its last use and refusal, and a bar for each day. `now` in epoch seconds. */
export function formatUsage({ key, uses, days }: KeyUsage, now: number): string {
  const last = uses.of(key.keyId);
  const used = last.lastUsedAt === undefined ? '' : ` (${formatAgo(last.lastUsedAt, now)})${from(last.lastUsedFrom)}`;
  return [
    `${key.keyId}${key.name === undefined ? '' : ` "${key.name}"`}, of ${key.userId}`,
    `Last used     ${lastUsedText(uses, key)}${used}`,
    `Last refused  ${refusedText(last, now)}`,
    '',
    formatBars(
      'MINUTES IN USE',
      days.map(({ day, minutesUsed }) => ({ day, value: minutesUsed })),
    ),
    '',
    `Used from     ${addressesOf(days, 'usedFrom')}`,
    `Refused from  ${addressesOf(days, 'refusedFrom')}`,
    `Refused for   ${reasonsOf(days)}`,
  ].join('\n');
}

function from(address: string | undefined): string {
  return address === undefined ? '' : `, from ${address}`;
}

function refusedText({ lastRefusedAt, lastRefusedFrom, lastRefusedFor }: LastUse, now: number): string {
  if (lastRefusedAt === undefined) return 'never, as far as is known';
  const when = `${formatTime(lastRefusedAt)} (${formatAgo(lastRefusedAt, now)})`;
  return `${when}: ${lastRefusedFor}${from(lastRefusedFrom)}`;
}

function addressesOf(days: readonly DayOfUse[], name: 'usedFrom' | 'refusedFrom'): string {
  const all = new Set(days.flatMap((day) => day[name].addresses));
  const more = days.some((day) => day[name].more) ? ' and more' : '';
  return all.size === 0 ? '-' : `${[...all].sort().join(', ')}${more}`;
}

/** Each reason with the minutes in which it was the reason. */
function reasonsOf(days: readonly DayOfUse[]): string {
  const minutes = new Map<string, number>();
  for (const { minutesRefused } of days) {
    for (const [reason, count] of Object.entries(minutesRefused))
      minutes.set(reason, (minutes.get(reason) ?? 0) + count);
  }
  return minutes.size === 0 ? '-' : [...minutes].map(([reason, count]) => `${reason} (${count} min)`).join(', ');
}

/** What the numbers are, and what they aren't: said wherever they are shown. */
export const WHAT_IT_IS =
  'Minutes in use are those in which the authorizer let the key in, not requests. Addresses are a sample: of the requests ' +
  'of each TTL and stage only the first is seen.';
