/** Runs work in the order in which it was given, where it shares a name with other work; else at once. */
export type Turns = <T>(names: readonly string[], work: () => Promise<T>) => Promise<T>;

/**
 * Lets work wait for all earlier work that shares one of its names. So the first line of a user makes the account, and
 * the first that brings a key has it, however many lines are written at a time.
 *
 * Work that fails holds up nothing, but for errors that `isFatal` names: nothing that waits for one of those is done.
 */
export function createTurns(isFatal: (error: unknown) => boolean): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (names, work) => {
    const before = names.flatMap((name) => last.get(name) ?? []);
    const turn = Promise.all(before).then(work);
    const passed = turn.catch((error: unknown) => {
      if (isFatal(error)) throw error;
    });
    // Whoever waits for it meets its failure; nobody may.
    passed.catch(() => undefined);
    for (const name of names) last.set(name, passed);
    try {
      return await turn;
    } finally {
      for (const name of names) if (last.get(name) === passed) last.delete(name);
    }
  };
}
