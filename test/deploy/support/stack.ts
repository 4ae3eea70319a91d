import { join } from 'node:path';
import * as v from 'valibot';
import { inject } from 'vitest';
import { aws, mustRun } from './aws.ts';
import { SAM_BIN } from './emulator.ts';

const stacksSchema = v.object({
  Stacks: v.tuple([
    v.object({
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
  const { Stacks } = v.parse(stacksSchema, await aws('cloudformation', 'describe-stacks', '--stack-name', name));
  return Object.fromEntries(Stacks[0].Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

export async function deleteStack(name: string): Promise<void> {
  await mustRun(join(SAM_BIN, 'sam'), ['delete', '--stack-name', name, '--no-prompts', '--region', 'eu-west-1']);
}
