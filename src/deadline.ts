import type { Clock } from './decision.ts';
import { Fault } from './fault.ts';

/** The longest that a decision takes, retries and all. */
export const DECISION_MS = 5000;
/** So long before Lambda would end the function, a decision ends as a fault with its log line. */
export const LAMBDA_MARGIN_MS = 300;
/** How long the start of a function waits for what the first decision would else have to wait for. */
export const START_MS = 300;

/**
 * Runs work that must not outlast a deadline: aborts it and throws then, whether or not the work listens.
 *
 * @param deadline in epoch milliseconds.
 * @param what is waited for, as the fault names it.
 * @throws Fault `fault.deadline`
 */
export async function withDeadline<T>(
  deadline: number,
  now: Clock,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    const expire = () => {
      const fault = new Fault(
        'fault.deadline',
        `There was no answer from ${what} when the decision's time was up: ${DECISION_MS} ms, and never later than ` +
          `${LAMBDA_MARGIN_MS} ms before the function's own time limit.`,
      );
      reject(fault);
      abort.abort(fault);
    };
    timer = setTimeout(expire, Math.max(0, deadline - now()));
  });
  try {
    return await Promise.race([work(abort.signal), expiry]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs work that must not take longer: aborts it and throws then, whether or not the work listens. Goes by a timer
 * alone, for work that finds out whether the clock is right.
 *
 * @throws Fault `fault.deadline`
 */
export function withTimeLimit<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline(milliseconds, () => 0, 'what was asked', work);
}
