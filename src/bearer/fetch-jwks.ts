import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { USER_AGENT } from '../user-agent.ts';

/** The largest answer that is read, as it comes and decoded. */
const MAX_BYTES = 256 * 1024;

const MAX_CODINGS = 2;

export interface FetchedJwks {
  /** JSON of whatever kind. */
  readonly document: unknown;
  /** A cache on the way answered (RFC 9111, section 5.1), so the document may be older than the request. */
  readonly isFromCache: boolean;
}

/**
 * Fetches a JSON document from the realm.
 *
 * @param timeoutMs for all of it, from the connection to the last byte.
 * @throws Error that says what went wrong, the limit included if one was hit, and nothing of the answer.
 */
export async function fetchJwks(uri: string, timeoutMs: number): Promise<FetchedJwks> {
  const { status, headers, body } = await askRealm(uri, timeoutMs);
  if (status !== 200) throw new Error(`it answered ${status}, expected 200`);
  try {
    return { document: JSON.parse(body), isFromCache: headers.age !== undefined };
  } catch {
    throw new Error('it answered something that is not JSON');
  }
}

/** What the realm answered, whatever its status. */
export interface RealmAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decoded, if it came compressed. */
  readonly body: string;
}

/** The connection isn't kept: the next fetch is minutes away. */
const HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  connection: 'close',
  'user-agent': USER_AGENT,
};

/**
 * Sends one GET and reads the whole answer, without following redirects.
 *
 * On `node:https` rather than `fetch`, whose first use costs a cold start 10 ms and more. `node:http`, for a realm on
 * the loopback, is loaded only when needed: importing it costs 17 ms on Node 24.
 *
 * @param timeoutMs for all of it, from the connection to the last byte.
 * @throws Error that says what went wrong, the limit included if one was hit, and nothing of the answer.
 */
export async function askRealm(uri: string, timeoutMs: number): Promise<RealmAnswer> {
  const get = uri.startsWith('http:') ? (await import('node:http')).get : httpsGet;
  return new Promise((resolve, reject) => {
    const request = get(uri, { headers: HEADERS }, (response) => {
      const { statusCode: status = 0, headers } = response;
      readBody(response).then((body) => resolve({ status, headers, body }), giveUp);
    });
    const giveUp = (error: Error) => {
      reject(error);
      request.destroy();
    };
    const onTimeout = () =>
      giveUp(Object.assign(new Error(`it gave no whole answer within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(onTimeout, timeoutMs);
    request.on('error', reject).on('close', () => clearTimeout(timer));
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) throw tooLarge(response);
  }
  const text = (await decode(Buffer.concat(chunks), response)).toString('utf8');
  return text.replace(/^\ufeff/, ''); // a byte order mark may be passed over (RFC 8259, section 8.1)
}

/**
 * Some servers and proxies compress without being asked to, and a second one what came compressed. The codings are those
 * of RFC 9110, section 8.4, in the order in which they were applied.
 */
async function decode(body: Buffer, response: IncomingMessage): Promise<Buffer> {
  const codings = response.headers['content-encoding']?.toLowerCase().split(',') ?? [];
  const applied = codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity');
  if (applied.length > MAX_CODINGS) throw unknownCoding(response);
  let decoded = body;
  for (const coding of applied.reverse()) decoded = await decodeOne(decoded, coding, response);
  return decoded;
}

async function decodeOne(body: Buffer, coding: string, response: IncomingMessage): Promise<Buffer> {
  const { brotliDecompressSync, inflateRawSync, unzipSync } = await import('node:zlib');
  const decoders: Readonly<Record<string, typeof unzipSync>> = {
    br: brotliDecompressSync,
    gzip: unzipSync,
    'x-gzip': unzipSync,
    // Some send it without the zlib header, which begins with an 8.
    deflate: (body[0] ?? 0) % 16 === 8 ? unzipSync : inflateRawSync,
  };
  const decoder = decoders[coding];
  if (decoder === undefined) throw unknownCoding(response);
  try {
    return decoder(body, { maxOutputLength: MAX_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(response);
    throw new Error(`it answered ${response.statusCode} with what is not ${coding}`);
  }
}

function unknownCoding({ statusCode }: IncomingMessage): Error {
  return new Error(`it answered ${statusCode} in an unknown content coding`);
}

function tooLarge({ statusCode }: IncomingMessage): Error {
  return new Error(`it answered ${statusCode} with more than ${MAX_BYTES} bytes`);
}
