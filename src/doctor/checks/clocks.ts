import { CLOCK_SKEW_SECONDS } from '../../bearer/claims.ts';
import type { TableSettings } from '../../table/settings.ts';
import { type Check, check, type Finding, ok, problem, skip, warning } from '../check.ts';
import type { RealmFacts } from '../realm-facts.ts';

export interface ClockFacts {
  readonly realm: RealmFacts | undefined;
  readonly table: Promise<TableSettings> | undefined;
}

export const clockChecks: readonly Check<ClockFacts>[] = [
  check('clock.realm', "The realm's clock agrees with ours", async ({ realm }) => {
    if (realm === undefined) return skip`No issuer is given (--issuer).`;
    const asked = await Promise.all([realm.discovery, realm.jwks]);
    const answers = asked.filter((one) => one !== undefined && 'headers' in one);
    const answer = answers.find(({ headers }) => headers.date !== undefined);
    if (answer !== undefined) return compareClocks('realm', { ...answer, ...answer.headers });
    if (answers.length === 0) return skip`The realm did not answer.`;
    return skip`Keycloak sends no Date header, and nothing before it adds one. A new token shows its clock
      (--token-stdin).`;
  }),
  check('clock.table', "The table's clock agrees with ours", async ({ table }) => {
    if (table === undefined) return skip`No table is given (--table or --local).`;
    const { clock } = await table;
    return clock === undefined ? skip`The table did not answer.` : compareClocks('table', clock);
  }),
];

/** From here on a difference is worth a warning: it uses up the skew that tokens are allowed. */
export const NOTED_SECONDS = 5;

/** The clock that a server's answer shows, and ours about it, in epoch milliseconds. */
interface ShownClock {
  /** The headers (RFC 9110, section 6.6.1, in whole seconds; RFC 9111, section 5.1, if a cache answered). */
  readonly date?: string | undefined;
  readonly age?: string | undefined;
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Compares clocks by the least that they must be apart: a slow answer can't make one wrong. */
function compareClocks(whose: 'realm' | 'table', { date, age, sentAt, answeredAt }: ShownClock): Finding {
  if (date === undefined) return skip`The answer had no Date header.`;
  if (age !== undefined && age !== '0') return skip`A cache answered, so the Date header is old.`;
  const shown = Date.parse(date);
  if (Number.isNaN(shown)) return skip`The Date header of the answer is not a date.`;
  const ahead = shown - answeredAt;
  const seconds = Math.max(ahead, sentAt - (shown + 999), 0) / 1000;
  if (seconds <= NOTED_SECONDS) return ok`The ${whose}'s clock agrees with ours.`;
  const remedy =
    whose === 'table'
      ? 'Set this machine’s clock by NTP: those of AWS are right.'
      : 'Set the clock that is wrong by NTP: this machine’s if the table’s differs too, else the realm’s.';
  const finding = seconds >= CLOCK_SKEW_SECONDS ? problem : warning;
  return finding`The ${whose}'s clock is ${Math.round(seconds)} s ${ahead > 0 ? 'ahead of' : 'behind'} ours; a token may
    be off by ${CLOCK_SKEW_SECONDS} s. → ${remedy}`;
}
