const FIRST_PAUSE_MS = 50;

/**
 * Waits before another attempt at what DynamoDB, short of capacity, gave back of a batch unprocessed.
 *
 * @param attempt 1 for the second attempt: 50 ms, and twice as long each time.
 */
export function pauseBefore(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
}
