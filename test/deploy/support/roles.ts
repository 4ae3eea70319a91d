import * as v from 'valibot';
import { aws } from './aws.ts';

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

/** The role of a deployed function, as it stands. */
export interface Role {
  /** Each action that it may do, as `Sid action`. */
  readonly rights: readonly string[];
  /** Does something while the role lacks one right. */
  without<Result>(right: string, act: () => Promise<Result>): Promise<Result>;
}

export async function roleOf(functionArn: string): Promise<Role> {
  const { Role: arn } = v.parse(
    functionSchema,
    await aws('lambda', 'get-function-configuration', '--function-name', functionArn),
  );
  const name = arn.replace(/.*\//, '');
  const { PolicyNames } = v.parse(namesSchema, await aws('iam', 'list-role-policies', '--role-name', name));
  const which = ['--role-name', name, '--policy-name', PolicyNames[0]];
  const { PolicyDocument: policy } = v.parse(
    v.object({ PolicyDocument: policySchema }),
    await aws('iam', 'get-role-policy', ...which),
  );
  const put = (document: Policy) =>
    aws('iam', 'put-role-policy', ...which, '--policy-document', JSON.stringify(document));
  return {
    rights: policy.Statement.flatMap(({ Sid, Action }) => Action.map((action) => `${Sid} ${action}`)),
    async without(right, act) {
      const [sid, action] = right.split(' ');
      const Statement = policy.Statement.map((statement) =>
        statement.Sid === sid ? { ...statement, Action: statement.Action.filter((one) => one !== action) } : statement,
      );
      await put({ ...policy, Statement: Statement.filter(({ Action }) => Action.length > 0) });
      try {
        return await act();
      } finally {
        await put(policy);
      }
    },
  };
}
