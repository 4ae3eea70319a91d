import type { Clock } from './decision.ts';
import { Fault } from './fault.ts';

/** The longest that a decision takes, retries and all. */
export const DECISION_MS = 5000;

/**
 * Runs work that must not outlast a deadline: aborts it and throws then, whether or not the work listens.
 *
 * @param deadline in epoch milliseconds.
 * @throws Fault `fault.deadline`
 */
export async function withDeadline<T>(
  deadline: number,
  now: Clock,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    const expire = () => {
      const fault = new Fault('fault.deadline', 'The decision took too long and was given up.');
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
