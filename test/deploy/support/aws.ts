import { join } from 'node:path';
import { inject } from 'vitest';
import { type Outcome, runCommand } from '../../e2e/support/command.ts';
import { MINISTACK_BIN, REGION, SAM_BIN } from './emulator.ts';

/** What every program here is told, so that it asks the emulator and nobody else. */
function environment(endpoint: string): Readonly<Record<string, string>> {
  return {
    PATH: `${SAM_BIN}:${process.env['PATH'] ?? ''}`,
    HOME: inject('folder'),
    AWS_ACCESS_KEY_ID: 'test', // the emulator's own
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_PAGER: '',
    SAM_CLI_TELEMETRY: '0',
    NO_COLOR: '1',
  };
}

/** Runs a program to its end, and throws what it said unless it ends well. Returns what it printed. */
export async function mustRun(command: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(command, args, environment(inject('endpoint')));
  if (exitCode === 0) return stdout.trim();
  throw new Error(
    `${command} ${args.slice(0, 3).join(' ')} … ended with ${exitCode}:\n${stdout.slice(-3000)}${stderr}`,
  );
}

/** Runs the AWS command line, and reads its answer; undefined where it has none. */
export async function aws(...args: readonly string[]): Promise<unknown> {
  const answer = await mustRun(join(MINISTACK_BIN, 'aws'), [...args, '--output', 'json']);
  return answer === '' ? undefined : JSON.parse(answer);
}

/**
 * Sends a request of an AWS API, for what is asked often: a start of the command line takes most of a second. The
 * emulator checks no signature of its own account's.
 */
export async function post(
  service: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<Response> {
  const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/${REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=none`;
  const response = await fetch(`${inject('endpoint')}${path}`, {
    method: 'POST',
    headers: { ...headers, authorization },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** Runs the built command-line tool, as `./gatepass …` does, however it ends. */
export function gatepass(...args: readonly string[]): Promise<Outcome> {
  return runCommand(process.execPath, ['dist/cli/index.mjs', ...args], environment(inject('endpoint')));
}
