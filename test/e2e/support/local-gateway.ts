import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AWS } from './environment.ts';

const START = fileURLToPath(new URL('../../../dist/local/start.mjs', import.meta.url));

/** `npm start`, in a process of its own. */
export interface LocalGateway {
  /** As `http://127.0.0.1:3000`. */
  readonly origin: string;
  stop(): Promise<void>;
}

export async function startLocalGateway(args: readonly string[], env: typeof AWS): Promise<LocalGateway> {
  const child = spawn(process.execPath, [START, '--port', '0', ...args], {
    env: { PATH: process.env['PATH'], ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      child.emit('written');
    });
  }
  const exited = once(child, 'exit');
  for (;;) {
    const [, origin] = /Requests \(Ctrl-C ends\)/.test(output)
      ? (/at (http:\/\/127\.0\.0\.1:\d+)/.exec(output) ?? [])
      : [];
    if (origin !== undefined) {
      return {
        origin,
        async stop() {
          child.kill('SIGTERM');
          await exited;
        },
      };
    }
    await Promise.race([once(child, 'written'), exited]);
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output}`);
  }
}
