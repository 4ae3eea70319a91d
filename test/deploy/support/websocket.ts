import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { inject } from 'vitest';

/** What came of a handshake: its status, and if it is 101 a connection. */
export interface Handshake {
  readonly status: number;
  close(): void;
}

/** Opens a WebSocket with an `Authorization` header, which Node's own can't send (RFC 6455, section 4.1). */
export function openWebSocket(url: string | undefined, authorization?: string): Promise<Handshake> {
  const [, id, stage] = /^wss:\/\/([^.]+)\.execute-api\.[^/]+\/(\w+)$/.exec(url ?? '') ?? [];
  if (id === undefined) throw new Error(`${url} is not the URL of a WebSocket API.`);
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...(authorization === undefined ? {} : { Authorization: authorization }),
  };
  return new Promise((resolve, reject) => {
    const handshake = request(`${inject('endpoint')}/_aws/execute-api/${id}/${stage}`, { headers, agent: false });
    handshake.on('error', reject);
    handshake.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, close: () => {} });
    });
    handshake.on('upgrade', (response, socket) => {
      resolve({
        status: response.statusCode ?? 0,
        close: () => void socket.destroy(),
      });
    });
    handshake.end();
  });
}
