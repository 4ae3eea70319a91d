import { expect, it } from 'vitest';
import { DENIALS, type DenialReason, PUBLIC_ANSWERS, type PublicError } from '../../src/decision.ts';
import { METHODS, requestOf, see } from './caller.ts';
import { type GatewayEvent, loadEvent } from './events.ts';
import type { Gatepass, GatepassOptions } from './gatepass.ts';

/** One way to be refused. */
export interface Refusal extends GatepassOptions {
  /** What is promised, as the end of "401 …". */
  readonly guarantee: string;
  /** What the caller sends: an event, or the `Authorization` value of a REST request. */
  readonly present: (gatepass: Gatepass) => Promise<GatewayEvent | string> | GatewayEvent | string;
  /** How often the table may be asked. */
  readonly tableRequests: number;
}

/** At least one way for each reason of a family: the compiler misses one that is left out, and so does `checkComplete`. */
export type Refusals<Family extends string> = {
  readonly [Reason in Extract<DenialReason, `${Family}.${string}`>]: readonly [Refusal, ...Refusal[]];
};

/** Makes a test of every refusal: what the caller sees on every method, what the log says, what the table was asked. */
export function testRefusals<Family extends string>(
  family: Family,
  refusals: Refusals<Family>,
  error: PublicError | Readonly<Record<string, PublicError>>,
  start: (options: GatepassOptions) => Gatepass,
): void {
  it(`has a case for every reason of ${family}`, () => {
    const reasons = Object.keys(DENIALS).filter((reason) => reason.startsWith(`${family}.`));
    expect(Object.keys(refusals).sort()).toEqual(reasons.sort());
  });

  const cases = Object.entries<readonly Refusal[]>({ ...refusals }).flatMap(([reason, ways]) =>
    ways.map((refusal) => [`${reason}: ${refusal.guarantee}`, reason, refusal] as const),
  );
  it.each(cases)('%s', async (_, reason, { present, tableRequests, ...options }) => {
    const gatepass = start(options);
    const presented = await present(gatepass);
    const event = typeof presented === 'string' ? loadEvent('api-key-valid', presented) : presented;

    const { result, log } = await gatepass.answer(event);

    expect(log).toMatchObject({ outcome: 'deny', reason, tableRequests });
    expect(gatepass.table.operations).toHaveLength(tableRequests);
    const publicError = typeof error === 'string' ? error : error[reason];
    for (const method of METHODS) {
      expect(see(result, requestOf(event, gatepass.clock.now(), { method }))).toEqual({
        status: 401,
        error: publicError,
        message: publicError && PUBLIC_ANSWERS[publicError],
      });
    }
  });
}
