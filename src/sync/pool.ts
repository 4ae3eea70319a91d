/**
 * Does a piece of work for each item, a bounded number at a time, taking the next item only when there is room for it.
 *
 * @throws the first failure, after the work in hand has ended; nothing new is begun after it.
 */
export async function forEachOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = (async function* () {
    yield* items;
  })();
  const failures: unknown[] = [];

  async function worker(): Promise<void> {
    while (failures.length === 0) {
      try {
        const next = await iterator.next();
        if (next.done) return;
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  }

  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length === 0) return;
  await iterator.return();
  throw failures[0];
}
