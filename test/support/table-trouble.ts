import type { OpenedTable } from '../../src/table/table.ts';

/** What may happen between a command and its table. Each lasts for one command. */

/** The table fails at the n-th write and from then on. @returns whether it came so far. */
export async function cutOffAt(table: OpenedTable, write: number, command: () => Promise<unknown>): Promise<boolean> {
  let writes = 0;
  const outage = new Error('cut off');
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        if (/^(Update|Put)Item/.test(commandName ?? '')) writes += 1;
        if (writes >= write) throw outage;
        return next(request);
      },
    { name: 'outage', step: 'initialize' },
  );
  try {
    await command();
  } catch (error) {
    if (error !== outage) throw error;
  } finally {
    table.client.middlewareStack.remove('outage');
  }
  return writes >= write;
}

/** Something else of the table's is done right before the command's first update. */
export async function beforeNextUpdate<T>(
  table: OpenedTable,
  meanwhile: () => Promise<unknown>,
  command: () => Promise<T>,
): Promise<T> {
  let isDue = true;
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        if (commandName === 'UpdateItemCommand' && isDue) {
          isDue = false;
          await meanwhile();
        }
        return next(request);
      },
    { name: 'meanwhile', step: 'initialize' },
  );
  return command().finally(() => table.client.middlewareStack.remove('meanwhile'));
}

/** The table makes the n-th update, and the SDK is told that nothing came back. */
export async function losingAnswer<T>(table: OpenedTable, update: number, command: () => Promise<T>): Promise<T> {
  let left = update;
  table.client.middlewareStack.add(
    (next, { commandName }) =>
      async (request) => {
        const answer = await next(request);
        if (commandName !== 'UpdateItemCommand') return answer;
        left -= 1;
        if (left !== 0) return answer;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', $retryable: {} });
      },
    { name: 'loss', step: 'deserialize' },
  );
  return command().finally(() => table.client.middlewareStack.remove('loss'));
}
