/** Says on stderr what was measured. */
export function report(text: string): void {
  process.stderr.write(`e2e: ${text}\n`);
}

/** Says on stderr when a long step begins and how long it took: the first run fetches and unpacks 230 MB. */
export async function withProgress<T>(step: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const say = (text: string) => report(`${step}${text}`);
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  say(' …');
  try {
    const result = await work();
    say(`: done in ${seconds()}`);
    return result;
  } catch (error) {
    say(`: failed after ${seconds()}`);
    throw error;
  }
}
