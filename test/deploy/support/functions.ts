import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { inject } from 'vitest';
import { aws } from './aws.ts';

export interface Invocation {
  /** What the function returned, or the error that it threw. */
  readonly payload: unknown;
  readonly isError: boolean;
}

/** Runs a deployed function, with its own role, and waits for what it returns. */
export async function invoke(arn: string, event: object): Promise<Invocation> {
  const file = join(await mkdtemp(join(inject('folder'), 'invocation-')), 'payload.json');
  const answer = await aws('lambda', 'invoke', '--function-name', arn, '--payload', JSON.stringify(event), file);
  const { FunctionError } = v.parse(v.object({ FunctionError: v.optional(v.string()) }), answer);
  return { payload: JSON.parse(await readFile(file, 'utf8')), isError: FunctionError !== undefined };
}

const linesSchema = v.object({ events: v.array(v.object({ message: v.string() })) });

/** The lines of JSON in a log group, first to last: what the runtime adds is none. */
export async function readLog(group: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { events } = v.parse(linesSchema, await aws('logs', 'filter-log-events', '--log-group-name', group));
  return events.filter(({ message }) => message.startsWith('{')).map(({ message }) => JSON.parse(message));
}

const configurationSchema = v.object({ Environment: v.object({ Variables: v.record(v.string(), v.string()) }) });

/** Replaces variables of a deployed function, from its next start on. */
export async function setVariables(arn: string, changes: Readonly<Record<string, string>>): Promise<void> {
  const which = ['--function-name', arn];
  const { Environment } = v.parse(configurationSchema, await aws('lambda', 'get-function-configuration', ...which));
  const Variables = { ...Environment.Variables, ...changes };
  await aws('lambda', 'update-function-configuration', ...which, '--environment', JSON.stringify({ Variables }));
}

/** The name that CloudFormation gave to a resource of a stack. */
export async function physicalId(stack: string, resource: string): Promise<string> {
  const which = ['--stack-name', stack, '--logical-resource-id', resource];
  const answer = await aws('cloudformation', 'describe-stack-resource', ...which);
  const schema = v.object({ StackResourceDetail: v.object({ PhysicalResourceId: v.string() }) });
  return v.parse(schema, answer).StackResourceDetail.PhysicalResourceId;
}
