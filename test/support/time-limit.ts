const LIMIT_MINUTES = 15;

/**
 * Ends a run that does not end by itself: a loop that never yields keeps every other time limit from being noticed, and
 * only another thread can see it.
 */
export function setup(): () => void {
  const timer = setTimeout(() => {
    process.stderr.write(`The tests have not ended within ${LIMIT_MINUTES} minutes: one of them hangs.\n`);
    process.exit(1);
  }, LIMIT_MINUTES * 60_000);
  return () => clearTimeout(timer);
}
