import { MAX_BYTES } from '../bearer/fetch-jwks.ts';
import type { Clock } from '../decision.ts';
import { Fault } from '../fault.ts';
import { explainConnection } from './connection-error.ts';
import { within } from './within.ts';

/** The part of the global `fetch` that is used here. */
export type Fetch = (
  url: string,
  init: { readonly signal: AbortSignal; readonly redirect: 'manual'; readonly headers: Record<string, string> },
) => Promise<Response>;

/** What answers a question over HTTP, whatever its status. */
export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body, or its beginning if it is larger than what the authorizer takes. */
  readonly text: string;
  readonly bytes: number;
  readonly isTooLarge: boolean;
  /** When the request was sent, its status had come, and its body had come, in epoch milliseconds. */
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly receivedAt: number;
}

interface NoAnswer {
  readonly url: string;
  readonly failure: string;
  readonly todo: string;
}

export type Asked = Answer | NoAnswer;

/** Longer than the authorizer waits (1.5 s), so that slow is told from dead. */
export const ASK_MS = 3000;

/** Asks for a JSON document, without following redirects. Never rejects: what fails is an answer too. */
export async function ask(url: string, fetch: Fetch, now: Clock): Promise<Asked> {
  const sentAt = now();
  try {
    return await within(ASK_MS, async (signal) => {
      const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json' } });
      const answeredAt = now();
      const { status, headers } = response;
      return { url, status, headers, ...(await readBody(response)), sentAt, answeredAt, receivedAt: now() };
    });
  } catch (error) {
    if (error instanceof Fault) {
      return {
        url,
        failure: `no answer within ${ASK_MS / 1000} s`,
        todo: 'Look for a firewall or a missing route between here and there.',
      };
    }
    return { url, ...explainConnection(error) };
  }
}

/** The body as JSON, or nothing. */
export function readJson({ text, isTooLarge }: Answer): unknown {
  try {
    return isTooLarge ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readBody(response: Response): Promise<Pick<Answer, 'text' | 'bytes' | 'isTooLarge'>> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) break;
  }
  return { text: Buffer.concat(chunks).toString('utf8'), bytes, isTooLarge: bytes > MAX_BYTES };
}
