// Decides one case again and again, and tells how long that took. Forked by warm.ts.
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:https';
import { assemble } from '../src/authorizer/assemble.ts';
import { fetchJwks } from '../src/bearer/fetch-jwks.ts';
import { parseConfig } from '../src/config/config.ts';
import { createReads } from '../src/table/sdk-reads.ts';
import { createStore, type Reads } from '../src/table/store.ts';
import { openTable } from '../src/table/table.ts';
import { isAllowed } from './events.ts';
import type { WarmCase, WarmStart, WarmTask, WarmTimes } from './warm.ts';

type Handler = (event: object, context: object) => Promise<unknown>;

// The lines are made as in Lambda, and go nowhere.
let lastLine = '';
process.stdout.write = (line) => {
  lastLine = String(line);
  return true;
};

const CONTEXT = { getRemainingTimeInMillis: () => 8000 };

let decide: (index: number) => unknown;
let times: number;

process.on('message', async (task: WarmTask) => {
  if (task === 'measure') process.send?.(await measure());
  else process.send?.(task === 'decide' ? await decideOnce() : await begin(task));
});

async function begin({ one, warmUp, measureMs }: WarmStart): Promise<'ready'> {
  decide = await prepare(one);
  times = Math.ceil((await warm(warmUp)) * measureMs);
  return 'ready';
}

async function decideOnce(): Promise<'decided'> {
  await decide(0);
  return 'decided';
}

/** Makes sure that a case is judged rightly, before it is measured. */
async function prepare(one: WarmCase): Promise<(index: number) => unknown> {
  if (one.by === 'floor') return floorOf(one);
  const handler = await handlerOf(one.by);
  const decide = (index: number) => handler(one.events[index % one.events.length] ?? {}, CONTEXT);
  if (isAllowed(await decide(0)) !== one.isAllowed) throw new Error(`${one.name} judged a ${one.credential} wrongly.`);
  if (one.reason !== undefined && JSON.parse(lastLine).reason !== one.reason) {
    throw new Error(`${one.name} did not refuse a ${one.credential} by ${one.reason}: ${lastLine}`);
  }
  if (one.forged !== undefined && isAllowed(await handler(one.forged, CONTEXT))) {
    throw new Error(`${one.name} let a forged ${one.credential} in.`);
  }
  return decide;
}

/** @returns how many decisions fit into a millisecond. */
async function warm({ decisions, milliseconds }: WarmStart['warmUp']): Promise<number> {
  const startedAt = performance.now();
  let decided = 0;
  while (decided < decisions && performance.now() - startedAt < milliseconds) await decide(decided++);
  return decided / (performance.now() - startedAt);
}

async function measure(): Promise<WarmTimes> {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  for (let index = 0; index < times; index++) await decide(index);
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (user + system) / times, wall: ((performance.now() - wall) * 1000) / times };
}

async function handlerOf(by: Exclude<WarmCase['by'], 'floor'>): Promise<Handler> {
  if ('module' in by) return importWith(by);
  const env = Object.entries({ ...process.env, ...by.inMemory }).filter(([name]) => name.startsWith('GATEPASS_'));
  const config = parseConfig(Object.fromEntries(env));
  const reads = await rememberedReads(config.table);
  const { authorize } = assemble({
    config,
    store: createStore({ reads, table: config.table, now: Date.now }),
    fetchJwks,
    writeLine: (line) => process.stdout.write(line),
    now: Date.now,
    random: Math.random,
  });
  return (event) => authorize(event, Date.now() + 5000);
}

/** A module of its own for each environment, which it reads as it starts. */
async function importWith({ module, env }: { readonly module: string; readonly env: object }): Promise<Handler> {
  const { env: ours } = process;
  process.env = { ...ours, ...env };
  try {
    return (await import(`${module}?${JSON.stringify(env)}`)).handler;
  } finally {
    process.env = ours;
  }
}

/** Asks the table once for each thing, and answers from memory then. */
async function rememberedReads(table: string): Promise<Reads> {
  const { get, batchGet } = createReads(openTable(table).client);
  const remembered = new Map<string, Promise<unknown>>();
  function remember<Input, Output>(read: (input: Input, options: { abortSignal: AbortSignal }) => Promise<Output>) {
    return (input: Input, options: { abortSignal: AbortSignal }) => {
      const name = JSON.stringify(input);
      const found = remembered.get(name) ?? read(input, options);
      remembered.set(name, found);
      return found as Promise<Output>; // what this input was answered
    };
  }
  return { get: remember(get), batchGet: remember(batchGet) };
}

/** The signature alone, of tokens that were taken apart before. */
async function floorOf({ events }: WarmCase): Promise<(index: number) => unknown> {
  const values = events.map((event) => (event as { headers: { Authorization: string } }).headers.Authorization);
  const key = createPublicKey({ key: await fetchKey(), format: 'jwk' });
  const signed = values.map((value) => {
    const token = value.slice('Bearer '.length);
    const end = token.lastIndexOf('.');
    return { bytes: Buffer.from(token.slice(0, end)), signature: Buffer.from(token.slice(end + 1), 'base64url') };
  });
  return (index) => {
    const { bytes, signature } = signed[index % signed.length] ?? {
      bytes: Buffer.alloc(0),
      signature: Buffer.alloc(0),
    };
    return verify('RSA-SHA256', bytes, key, signature);
  };
}

async function fetchKey(): Promise<JsonWebKey> {
  const [response] = await once(get(process.env['JWKS_URI'] ?? ''), 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const [key] = JSON.parse(Buffer.concat(chunks).toString()).keys;
  return key;
}
