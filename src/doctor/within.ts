import { withDeadline } from '../deadline.ts';

/**
 * Runs work that must not take longer: aborts it and throws then, whether or not the work listens. Goes by a timer
 * alone, since the clock may be what is wrong.
 *
 * @throws Fault `fault.deadline`
 */
export function within<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline(milliseconds, () => 0, 'what was asked', work);
}
