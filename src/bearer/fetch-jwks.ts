import { get as httpsGet } from 'node:https';

const TIMEOUT_MS = 1500;
/** The largest key set that is read. */
export const MAX_BYTES = 256 * 1024;

/**
 * Fetches a JSON document from the realm: within 1.5 s in all, at most 256 KB, without following redirects.
 *
 * On `node:https` rather than `fetch`, whose first use costs a cold start 10 ms and more. `node:http`, for a realm on
 * the loopback, is loaded only when needed: importing it costs 17 ms on Node 24.
 */
export async function fetchJwks(uri: string): Promise<unknown> {
  const get = uri.startsWith('http:') ? (await import('node:http')).get : httpsGet;
  return new Promise((resolve, reject) => {
    const options = { headers: { accept: 'application/json' }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const request = get(uri, options, (response) => {
      if (response.statusCode !== 200) {
        request.destroy();
        reject(new Error(`it answered ${response.statusCode}, expected 200`));
        return;
      }
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) request.destroy(new Error(`it answered more than ${MAX_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          reject(new Error('it answered something that is not JSON'));
        }
      });
    });
    request.on('error', reject);
  });
}
