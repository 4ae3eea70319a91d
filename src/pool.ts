/**
 * Does a piece of work for each item, a bounded number at a time, taking the next item only when there is room for it.
 *
 * @param isOver when it says so, no further item is taken.
 * @returns whether all items were taken.
 * @throws the first failure, after the work in hand has ended; nothing new is begun after it.
 */
export async function forEachOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
  isOver: () => boolean = () => false,
): Promise<boolean> {
  const iterator = (async function* () {
    yield* items;
  })();
  const failures: unknown[] = [];
  let isDone = false;

  async function worker(): Promise<void> {
    while (failures.length === 0 && !isOver()) {
      try {
        const next = await iterator.next();
        if (next.done) {
          isDone = true;
          return;
        }
        await work(next.value);
      } catch (error) {
        failures.push(error);
      }
    }
  }

  await Promise.all(Array.from({ length: concurrency }, worker));
  if (failures.length === 0 && isDone) return true;
  await iterator.return();
  if (failures.length > 0) throw failures[0];
  return false;
}
