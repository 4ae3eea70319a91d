import { BlockList, isIP, Socket } from 'node:net';
import { expect } from 'vitest';

// Vitest's setup file: no test reaches the network. The loopback is open, since embedded parts listen there, but not to
// unit tests, which need none. A name other than `localhost` is refused before it is looked up.

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

const connect = Socket.prototype.connect;

Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
  const host = hostOf(args);
  const isUnitTest = (expect.getState().testPath ?? '').includes('/test/unit/');
  if (isUnitTest || !isLoopback(host)) {
    const rule = isUnitTest ? 'a unit test may not use the network' : 'only the loopback may be reached';
    process.nextTick(() => this.destroy(new Error(`Refused to connect to ${host}: ${rule}.`)));
    return this;
  }
  return Reflect.apply(connect, this, args);
};

/** Node calls `connect` with (port, host), (path), (options), or with all of them packed into one array. */
function hostOf(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { readonly host?: unknown; readonly path?: unknown }; // net.connect's options
    return typeof path === 'string' ? `the pipe ${path}` : String(host ?? 'localhost');
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return `the pipe ${first}`;
  return typeof second === 'string' ? second : 'localhost';
}

function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
