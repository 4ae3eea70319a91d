import { spawn } from 'node:child_process';

const LIMIT_MS = 60_000;

/**
 * Runs a command of the user's in a shell, from the folder that they are in.
 *
 * @returns nothing when it succeeded, and what went wrong otherwise.
 */
export function runShell(command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    // npm runs scripts in the repository's root.
    const cwd = process.env['INIT_CWD'] ?? process.cwd();
    const child = spawn(command, { shell: true, cwd, stdio: ['ignore', 'ignore', 'pipe'], timeout: LIMIT_MS });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-500);
    });
    child.on('error', ({ message }) => resolve(`could not be started: ${message}`));
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(undefined);
      const end = status === null ? `was ended by ${signal} after ${LIMIT_MS / 1000} s` : `ended with status ${status}`;
      resolve([end, complaint.trim().split('\n').at(-1)].filter(Boolean).join(': '));
    });
  });
}
