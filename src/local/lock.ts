import { ClassicLevel } from 'classic-level';
import { unusable } from './kept-folder.ts';

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock of a LevelDB folder, which the operating system releases when the process ends, however it ends.
 *
 * Not for a folder that this process has locked already: the second try would release the lock (POSIX, `fcntl`).
 *
 * @returns nothing when another process has it.
 * @throws KeptFolderError when the folder can't be opened.
 * @see https://github.com/google/leveldb/blob/main/doc/index.md#concurrency
 */
export async function takeLock(folder: string): Promise<Lock | undefined> {
  const database = new ClassicLevel(folder);
  try {
    await database.open();
    return { release: () => database.close() };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') return undefined;
    throw unusable(folder, cause ?? error);
  }
}
