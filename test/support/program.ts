/** When a program that a test has started is ended: before the test's own time is over, on a machine that is busy too. */
export const PROGRAM_LIMIT_MS = 110_000;
