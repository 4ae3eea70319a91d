import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Call {
  readonly method: string;
  /** Below the stage. */
  readonly path: string;
  /** Sent as they are: names in this case, repetitions, empty values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface Answer {
  readonly status: number;
  /** The value of a header, if it is there; those of a repeated one are joined by commas. */
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

export type Client = (call: Call) => Promise<Answer>;

/** There was no answer that tells anything about the contract. The message says what to do. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * A client that sends what it is told to. `fetch` won't do: it joins repeated headers and lowers their names.
 *
 * Each request has a connection of its own, since one kept over a long wait may be closed while it is used.
 */
export function createClient(url: string, timeoutMs: number): Client {
  return ({ method, path, headers }) =>
    new Promise((resolve, reject) => {
      const target = new URL(url + path);
      const lines = [['Host', target.host], ['User-Agent', 'gatepass-smoke'], ...headers];
      // Headers given as a list are sent as they are, so the length of no body has to be among them.
      if (method !== 'GET' && method !== 'HEAD') lines.push(['Content-Length', '0']);
      const send = target.protocol === 'https:' ? requestHttps : requestHttp;
      const signal = AbortSignal.timeout(timeoutMs);
      const fail = (error: NodeJS.ErrnoException) =>
        reject(
          new NoAnswer(
            signal.aborted ? `no answer within ${timeoutMs / 1000} s (--timeout)` : explainConnection(error, target),
          ),
        );

      const message = send(target, { method, headers: lines.flat(), agent: false, signal }, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('error', fail);
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          chunks.push(chunk);
          if (size > MAX_BODY_BYTES) response.destroy(new Error('the answer is larger than 1 MB'));
        });
        response.on('end', () => {
          const header = (name: string) => response.headersDistinct[name.toLowerCase()]?.join(', ');
          resolve({ status: response.statusCode ?? 0, header, body: Buffer.concat(chunks).toString('utf8') });
        });
      });
      message.on('error', fail);
      message.end();
    });
}

/** What is to be done about the commonest failures. */
function explainConnection({ code, message }: NodeJS.ErrnoException, { host, hostname, port }: URL): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `there is no host ${hostname}, or its name can't be looked up from here: check --url and the network`;
    case 'ECONNREFUSED':
      return `nothing listens at ${host}: check --url, or start a local gateway: npm start -- --port ${port || 80}`;
    default:
      return `${host} did not answer (${code ?? message}): check --url and whether the stage is deployed`;
  }
}
