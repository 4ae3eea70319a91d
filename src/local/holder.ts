import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import * as v from 'valibot';
import { KeptFolderError } from './kept-folder.ts';
import { sendTo, type TableAnswer, type TableRequest } from './relay.ts';

/** The program that has the kept table open: this one or another. */
export interface Holder {
  /** @throws HolderGone when it has ended, and another must be found. */
  send(request: TableRequest): Promise<TableAnswer>;
}

export class HolderGone extends Error {}

/** Where another program reaches the holder. */
const addressSchema = v.object({ endpoint: v.string(), id: v.string(), pid: v.number() });

export type Address = v.InferOutput<typeof addressSchema>;

/** Names the holder that a request is for, and in an answer the one that gave it: a port may have a new owner. */
export const HOLDER_ID = 'x-gatepass-holder';

/** How long a holder may take to answer, in milliseconds. */
export const ANSWER_MS = 5000;

/** Another program that is, or was, the holder. */
export function holderAt(address: Address, agent: Agent): Holder {
  return {
    async send({ headers, body }) {
      const request = { headers: { ...headers, [HOLDER_ID]: address.id }, body };
      const answer = await sendTo(address.endpoint, request, { agent, limitMs: ANSWER_MS }).catch((cause) => {
        throw cause.name === 'AbortError' ? silentHolder(address) : new HolderGone('It has ended.', { cause });
      });
      if (answer.headers[HOLDER_ID] !== address.id) throw new HolderGone('Another program has its port.');
      return answer;
    },
  };
}

/** @throws KeptFolderError when it is there and does not answer. */
export async function isAlive(holder: Holder): Promise<boolean> {
  try {
    await holder.send({ headers: {}, body: Buffer.alloc(0) });
    return true;
  } catch (error) {
    if (error instanceof HolderGone) return false;
    throw error;
  }
}

/** The address in a file, if it holds one: what a program left behind that was killed may be anything. */
export function readAddress(file: string): Address | undefined {
  try {
    return v.parse(addressSchema, JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Replaces the file as a whole, so that nobody reads half of it. */
export function writeAddress(file: string, address: Address): void {
  writeFileSync(`${file}.new`, JSON.stringify(address), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function silentHolder(address: Address | undefined): KeptFolderError {
  const who = address === undefined ? 'Another program' : `Process ${address.pid}`;
  return new KeptFolderError(`${who} has the table in .gatepass/ open and does not answer: continue it, or end it.`);
}
