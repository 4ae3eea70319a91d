import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectTo, type EmbeddedTable, startEmbeddedTable } from './embedded-table.ts';
import {
  type Address,
  ANSWER_MS,
  HOLDER_ID,
  type Holder,
  HolderGone,
  holderAt,
  isAlive,
  readAddress,
  silentHolder,
  writeAddress,
} from './holder.ts';
import { keptFolder, unusable } from './kept-folder.ts';
import { type Lock, takeLock } from './lock.ts';
import { sendTo, startRelay, type TableAnswer, type TableRequest } from './relay.ts';

/** How long a new holder may take to open the table, and the pause between two looks for it, in milliseconds. */
const OPEN_MS = 10_000;
const PAUSE_MS = 25;

/**
 * Starts the local table that is kept between commands, in `.gatepass/`, for any number of programs at once.
 *
 * Only one process can have it open: the holder, which serves it to the others. Each program has an endpoint of its own
 * that stays for its lifetime and passes requests on to the holder. When the holder has ended, however it ended, the
 * next request is sent to a new one: this program, or another that was faster.
 *
 * @throws KeptFolderError when the folder can't be used, or when its holder does not answer.
 */
export async function startKeptTable(folder = keptFolder()): Promise<EmbeddedTable> {
  const id = randomUUID();
  const agent = new Agent({ keepAlive: true });
  const addressFile = join(folder, 'holder.json');
  let holder: Promise<Holder> | undefined;
  let held: { readonly embedded: EmbeddedTable; readonly lock: Lock } | undefined;

  const relay = await startRelay((request) =>
    request.headers[HOLDER_ID] === undefined ? passOn(request).catch(refusal) : answerAsHolder(request),
  );
  const { table, usageTable, endpoint } = connectTo(relay.endpoint);

  async function stop(): Promise<void> {
    table.client.destroy();
    await relay.stop();
    if (held !== undefined) {
      rmSync(addressFile, { force: true });
      await held.embedded.stop();
      await held.lock.release();
    }
    agent.destroy();
  }

  async function passOn(request: TableRequest): Promise<TableAnswer> {
    for (;;) {
      holder ??= findHolder();
      const current = holder;
      try {
        return await (await current).send(request);
      } catch (error) {
        if (holder === current && held === undefined) holder = undefined;
        if (!(error instanceof HolderGone)) throw error;
      }
    }
  }

  async function findHolder(): Promise<Holder> {
    const giveUpAt = Date.now() + OPEN_MS;
    let address: Address | undefined;
    while (Date.now() < giveUpAt) {
      const lock = await takeLock(join(folder, 'lock'));
      if (lock !== undefined) return hold(lock);
      address = readAddress(addressFile);
      const other = address && holderAt(address, agent);
      if (other !== undefined && (await isAlive(other))) return other;
      await sleep(PAUSE_MS);
    }
    throw silentHolder(address);
  }

  async function hold(lock: Lock): Promise<Holder> {
    try {
      await assertCanOpen(join(folder, 'table'));
      const embedded = await startEmbeddedTable(join(folder, 'table'));
      writeAddress(addressFile, { endpoint: relay.endpoint, id, pid: process.pid });
      held = { embedded, lock };
      return { send: (request) => sendTo(embedded.endpoint, request, { agent, limitMs: ANSWER_MS }) };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Answers a request of another program, which takes this one for the holder. */
  async function answerAsHolder(request: TableRequest): Promise<TableAnswer> {
    if (held === undefined || request.headers[HOLDER_ID] !== id)
      return { status: 421, headers: {}, body: Buffer.alloc(0) };
    const answer = await sendTo(held.embedded.endpoint, request, { agent, limitMs: ANSWER_MS });
    return { ...answer, headers: { ...answer.headers, [HOLDER_ID]: id } };
  }

  holder = findHolder();
  try {
    await holder;
  } catch (error) {
    await stop();
    throw error;
  }
  return { table, usageTable, endpoint, stop };
}

/** Opens the table's files for a moment: dynalite would end the process if it could not. */
async function assertCanOpen(path: string): Promise<void> {
  const lock = await takeLock(path);
  if (lock === undefined) throw unusable(path, 'another program has it open');
  await lock.release();
}

/** What the AWS SDK makes an error of, without another try. */
function refusal(error: unknown): TableAnswer {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const body = Buffer.from(JSON.stringify({ __type: `gatepass#${name}`, message }));
  return { status: 400, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
}
