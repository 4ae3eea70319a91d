import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { inject } from 'vitest';
import { aws, mustRun } from './aws.ts';
import { MINISTACK_BIN, SAM_BIN } from './emulator.ts';

const stacksSchema = v.object({
  Stacks: v.tuple([
    v.object({
      StackStatus: v.string(),
      Outputs: v.optional(v.array(v.object({ OutputKey: v.string(), OutputValue: v.string() })), []),
    }),
  ]),
});

export type Outputs = Readonly<Record<string, string>>;

/** Deploys a template as docs/deploy.md says, but for the questions of `--guided`. Returns the stack's outputs. */
export async function deploy(
  name: string,
  template: string,
  parameters: Readonly<Record<string, string>>,
): Promise<Outputs> {
  const given = Object.entries(parameters).map(([parameter, value]) => `${parameter}=${value}`);
  await mustRun(join(SAM_BIN, 'sam'), [
    'deploy',
    ...['--template-file', template, '--stack-name', name, '--s3-bucket', inject('bucket'), '--s3-prefix', name],
    ...['--capabilities', 'CAPABILITY_IAM', '--no-confirm-changeset', '--no-fail-on-empty-changeset'],
    ...(given.length > 0 ? ['--parameter-overrides', ...given] : []),
  ]);
  return outputsOf(await describe(name));
}

/** Deploys a template that is not SAM's, by the parameters' defaults. */
export async function deployPlain(name: string, template: string): Promise<Outputs> {
  const which = ['--stack-name', name, '--template-file', template, '--capabilities', 'CAPABILITY_IAM'];
  await mustRun(join(MINISTACK_BIN, 'aws'), ['cloudformation', 'deploy', ...which]);
  return outputsOf(await describe(name));
}

/** Deploys a template of a test's own, or changes what it was, in a fraction of the time that SAM takes. */
export async function deployOwn(
  name: string,
  template: object,
  verb: 'create' | 'update' = 'create',
): Promise<Outputs> {
  const file = join(inject('folder'), `${name}.json`);
  await writeFile(file, JSON.stringify(template));
  const which = ['--stack-name', name, '--template-body', `file://${file}`];
  const may = ['--capabilities', 'CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'];
  await aws('cloudformation', `${verb}-stack`, ...may, ...which);
  for (;;) {
    const stack = await describe(name);
    if (stack.StackStatus === `${verb.toUpperCase()}_COMPLETE`) return outputsOf(stack);
    if (!stack.StackStatus.endsWith('_IN_PROGRESS')) {
      const events = await aws('cloudformation', 'describe-stack-events', '--stack-name', name);
      throw new Error(`${stack.StackStatus}: ${JSON.stringify(events)}`);
    }
    await sleep(200);
  }
}

type Stack = v.InferOutput<typeof stacksSchema>['Stacks'][0];

async function describe(name: string): Promise<Stack> {
  return v.parse(stacksSchema, await aws('cloudformation', 'describe-stacks', '--stack-name', name)).Stacks[0];
}

function outputsOf({ Outputs }: Stack): Outputs {
  return Object.fromEntries(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

export async function deleteStack(name: string): Promise<void> {
  await mustRun(join(SAM_BIN, 'sam'), ['delete', '--stack-name', name, '--no-prompts', '--region', 'eu-west-1']);
}

const resourcesSchema = v.object({
  StackResources: v.array(v.object({ LogicalResourceId: v.string(), PhysicalResourceId: v.string() })),
});

/** The names that CloudFormation gave to the resources of a stack, by those in the template. */
export async function physicalIds(stack: string): Promise<Readonly<Record<string, string>>> {
  const answer = await aws('cloudformation', 'describe-stack-resources', '--stack-name', stack);
  const { StackResources } = v.parse(resourcesSchema, answer);
  return Object.fromEntries(StackResources.map((one) => [one.LogicalResourceId, one.PhysicalResourceId]));
}
