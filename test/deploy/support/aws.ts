import { join } from 'node:path';
import { inject } from 'vitest';
import { type Outcome, runCommand } from '../../e2e/support/command.ts';
import { MINISTACK_BIN, REGION, SAM_BIN } from './emulator.ts';

/** By their names in the environment. */
export type Credentials = Readonly<Record<'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>>;

/** The emulator's own. */
const ROOT = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

/** What every program here is told, so that it asks the emulator and nobody else. */
function environment(endpoint: string, credentials: Credentials | typeof ROOT = ROOT): NodeJS.ProcessEnv {
  return {
    PATH: `${SAM_BIN}:${MINISTACK_BIN}:${process.env['PATH'] ?? ''}`,
    HOME: inject('folder'),
    ...credentials,
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
export async function mustRun(command: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const whole = { ...environment(inject('endpoint')), ...env };
  const { exitCode, stdout, stderr } = await runCommand(command, args, whole);
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

/** Runs the AWS command line with the credentials of a role, however it ends. */
export function awsAs(credentials: Credentials, ...args: readonly string[]): Promise<Outcome> {
  return runCommand(join(MINISTACK_BIN, 'aws'), args, environment(inject('endpoint'), credentials));
}

/** A request of an AWS API: its body as JSON, or as parameters of the APIs that take those. */
export interface ApiRequest {
  readonly service: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/**
 * Sends a request of an AWS API, for what is asked often: a start of the command line takes most of a second. The
 * emulator checks no signature of its own account's.
 */
export async function requestAws({
  service,
  method = 'POST',
  path = '/',
  headers,
  body,
}: ApiRequest): Promise<Response> {
  const scope = `${new Date().toISOString().slice(0, 10).replaceAll('-', '')}/${REGION}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=none`;
  const response = await fetch(`${inject('endpoint')}${path}`, {
    method,
    headers: { ...headers, authorization },
    ...(body && { body: body instanceof URLSearchParams ? body : JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${await response.text()}`);
  return response;
}

/** Runs the built command-line tool, as `./gatepass …` does, however it ends. */
export function gatepass(...args: readonly string[]): Promise<Outcome> {
  return runCommand(process.execPath, ['dist/cli/index.mjs', ...args], environment(inject('endpoint')));
}
