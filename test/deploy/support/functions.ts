import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { requestAws } from './aws.ts';
import type { Outputs } from './stack.ts';

export interface Invocation {
  /** What the function returned, or the error that it threw. */
  readonly payload: unknown;
  readonly isError: boolean;
}

/** Runs a deployed function, with its own role, and waits for what it returns. */
export async function invoke(arn: string, event: object): Promise<Invocation> {
  const response = await requestAws({ service: 'lambda', path: `${pathOf(arn)}/invocations`, body: event });
  return { payload: await response.json(), isError: response.headers.has('x-amz-function-error') };
}

const pageSchema = v.object({
  events: v.array(v.object({ message: v.string() })),
  nextToken: v.optional(v.string()),
});

/** The lines of JSON in a log group, first to last: what the runtime adds is none. */
export async function readLog(logGroupName: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Logs_20140328.FilterLogEvents' };
  const messages: string[] = [];
  let nextToken: string | undefined;
  do {
    const response = await requestAws({ service: 'logs', headers, body: { logGroupName, nextToken } });
    const page = v.parse(pageSchema, await response.json());
    messages.push(...page.events.map(({ message }) => message));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return messages.filter((message) => message.startsWith('{')).map((message) => JSON.parse(message));
}

/** Asks a stack's authorizer about a key, and reads the last line of its log. */
export async function decide(
  outputs: Outputs,
  key: string,
): Promise<Invocation & { readonly line: Readonly<Record<string, unknown>> }> {
  const event = (await readFile('events/api-key-valid.json', 'utf8')).replaceAll('{{API_KEY}}', key);
  const invocation = await invoke(outputs['AuthorizerArn'] ?? '', JSON.parse(event));
  const lines = await readLog(outputs['AuthorizerLogGroup'] ?? '');
  return { ...invocation, line: lines.at(-1) ?? {} };
}

/** What CloudFormation names by its name alone. */
export async function arnOf(name: string): Promise<string> {
  const found = await requestAws({ service: 'lambda', method: 'GET', path: `${pathOf(name)}/configuration` });
  return v.parse(v.object({ FunctionArn: v.string() }), await found.json()).FunctionArn;
}

const configurationSchema = v.object({ Environment: v.object({ Variables: v.record(v.string(), v.string()) }) });

/** Replaces variables of a deployed function, from its next start on. */
export async function setVariables(arn: string, changes: Readonly<Record<string, string>>): Promise<void> {
  const which = { service: 'lambda', path: `${pathOf(arn)}/configuration` };
  const found = await requestAws({ ...which, method: 'GET' });
  const { Environment } = v.parse(configurationSchema, await found.json());
  const Variables = { ...Environment.Variables, ...changes };
  await requestAws({ ...which, method: 'PUT', body: { Environment: { Variables } } });
}

function pathOf(arn: string): string {
  return `/2015-03-31/functions/${encodeURIComponent(arn)}`;
}
