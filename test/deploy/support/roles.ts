import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { inject } from 'vitest';
import { aws, type Credentials, mustRun, requestAws } from './aws.ts';
import { invoke } from './functions.ts';

const functionSchema = v.object({ Role: v.string() });
const namesSchema = v.object({ PolicyNames: v.tuple([v.string()]) });

const policySchema = v.object({
  Version: v.string(),
  Statement: v.array(
    v.looseObject({
      Sid: v.string(),
      Action: v.pipe(
        v.union([v.string(), v.array(v.string())]),
        v.transform((actions) => [actions].flat()),
      ),
    }),
  ),
});

type Policy = v.InferOutput<typeof policySchema>;

const HANDLER = 'exports.handler = async () => process.env;';

const credentialsSchema = v.object({
  AWS_ACCESS_KEY_ID: v.string(),
  AWS_SECRET_ACCESS_KEY: v.string(),
  AWS_SESSION_TOKEN: v.string(),
});

/** The credentials that a role gives to functions: one of the test's own gets them and gives them out. */
export async function credentialsOf(roleArn: string): Promise<Credentials> {
  const folder = await mkdtemp(join(inject('folder'), 'role-'));
  const [source, zip] = [join(folder, 'index.js'), join(folder, 'function.zip')];
  await writeFile(source, HANDLER);
  await mustRun('python3', ['-m', 'zipfile', '-c', zip, source]);
  const name = `role-${crypto.randomUUID()}`;
  const code = ['--runtime', 'nodejs24.x', '--handler', 'index.handler', '--zip-file', `fileb://${zip}`];
  await aws('lambda', 'create-function', '--function-name', name, '--role', roleArn, ...code);
  return v.parse(credentialsSchema, (await invoke(name, {})).payload);
}

export async function roleArnOf(functionArn: string): Promise<string> {
  const configuration = await aws('lambda', 'get-function-configuration', '--function-name', functionArn);
  return v.parse(functionSchema, configuration).Role;
}

/** The role of a deployed function, as it stands. */
export interface Role {
  /** Each action that it may do, as `Sid action`, but to write its log: the emulator asks for no right to do that. */
  readonly rights: readonly string[];
  /** Does something while the role lacks some rights. */
  without<Result>(rights: readonly string[], act: () => Promise<Result>): Promise<Result>;
}

export async function roleOf(functionArn: string): Promise<Role> {
  const name = (await roleArnOf(functionArn)).replace(/.*\//, '');
  const { PolicyNames } = v.parse(namesSchema, await aws('iam', 'list-role-policies', '--role-name', name));
  const which = ['--role-name', name, '--policy-name', PolicyNames[0]];
  const { PolicyDocument: policy } = v.parse(
    v.object({ PolicyDocument: policySchema }),
    await aws('iam', 'get-role-policy', ...which),
  );
  const put = (document: Policy) => {
    const parameters = { RoleName: name, PolicyName: PolicyNames[0], PolicyDocument: JSON.stringify(document) };
    const body = new URLSearchParams({ Action: 'PutRolePolicy', Version: '2010-05-08', ...parameters });
    return requestAws({ service: 'iam', body });
  };
  const rights = policy.Statement.flatMap(({ Sid, Action }) => Action.map((action) => rightOf(Sid, action)));
  return {
    rights: rights.filter((right) => !right.startsWith('WriteLog ')).sort(),
    async without(taken, act) {
      const unknown = taken.filter((right) => !rights.includes(right));
      if (unknown.length > 0) throw new Error(`The role has no ${unknown.join(', ')}.`);
      const Statement = policy.Statement.map((statement) => ({
        ...statement,
        Action: statement.Action.filter((action) => !taken.includes(rightOf(statement.Sid, action))),
      }));
      await put({ ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) });
      try {
        return await act();
      } finally {
        await put(policy);
      }
    },
  };
}

function rightOf(sid: string, action: string): string {
  return `${sid} ${action}`;
}
