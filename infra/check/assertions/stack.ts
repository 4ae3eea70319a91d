import { isDeepStrictEqual } from 'node:util';
import { AUTHORIZER_VARIABLES } from '../../../src/config/variables/authorizer.ts';
import { LOGOUT_VARIABLES } from '../../../src/config/variables/logout.ts';
import { SELF_SERVICE_VARIABLES } from '../../../src/config/variables/self-service.ts';
import { SYNC_VARIABLES } from '../../../src/config/variables/sync.ts';
import { USAGE_VARIABLES } from '../../../src/config/variables/usage.ts';
import { ofType, type Resources } from '../resources.ts';
import type { Assertion } from './assertion.ts';

const FUNCTION = 'AuthorizerFunction';
/** Each function, and what it reads. */
const VARIABLES = {
  [FUNCTION]: AUTHORIZER_VARIABLES,
  SyncFunction: SYNC_VARIABLES,
  UsageFunction: USAGE_VARIABLES,
  SelfServiceAuthorizerFunction: AUTHORIZER_VARIABLES,
  SelfServiceFunction: SELF_SERVICE_VARIABLES,
  LogoutFunction: LOGOUT_VARIABLES,
};
export const TABLE_ARN = `\${Table.Arn}`;
const SYNC_SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:gatepass/sync-client-secret-??????';
export const TABLE_READS = ['dynamodb:BatchGetItem', 'dynamodb:GetItem'];
const TABLE_KEEPING = [
  ...TABLE_READS,
  ...['DeleteItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'].map((name) => `dynamodb:${name}`),
];
export const LOG_WRITES = ['logs:CreateLogStream', 'logs:PutLogEvents'];
const NETWORK_INTERFACES = 'arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess';

/** Of keys, which share their account's partition, these switch off, and change neither hash nor owner. */
const CHANGED = [
  ...['pk', 'sk', 'active', 'deleted', 'deletedAt', 'disabledBy', 'email', 'firstName', 'goneSince', 'lastName'],
  ...['purgeAt', 'roles', 'updatedAt'],
];
const ISSUER = 'https://id.example.com/realms/main';
/** By statement, what the sync may write to. */
const SYNC_CONDITIONS = {
  ConfirmWhoIsNew: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['unconfirmed'] } },
  ChangeAccounts: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['account#*'] },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': CHANGED },
  },
  LeaveTombstones: {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['account#*', 'imported#*'] },
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'sk', 'deleted', 'deletedAt'] },
  },
  RevokeTokens: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['revoked#*'] } },
  KeepStateAndKeySet: {
    'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [`sync#${ISSUER}`, `jwks#${ISSUER}`] },
  },
};

/** What must hold of Gatepass's own stack: the functions, their roles, the table and the logs. */
export const STACK_ASSERTIONS = {
  'runtime-and-architecture': {
    holds: 'The function runs on Node 24 and arm64.',
    *faults(resources) {
      const { Runtime, Architectures } = functionOf(resources);
      if (Runtime !== 'nodejs24.x') yield `it runs on ${Runtime}`;
      if (Architectures?.join() !== 'arm64') yield `it runs on ${Architectures}`;
    },
  },
  timeout: {
    holds: 'It has 8 s: a decision ends by 5, and HTTP APIs give up at 10.',
    *faults(resources) {
      const { Timeout } = functionOf(resources);
      if (Timeout !== 8) yield `it has a timeout of ${Timeout}`;
    },
  },
  'environment-complete': {
    holds: 'Each function is given every variable that it reads, and no other GATEPASS_*.',
    *faults(resources) {
      for (const [name, variables] of Object.entries(VARIABLES)) {
        if (!(name in resources)) continue;
        const given = functionOf(resources, name).Environment?.Variables ?? {};
        for (const variable of Object.keys(variables))
          if (!(variable in given)) yield `${name} isn't given ${variable}`;
        for (const variable of Object.keys(given)) {
          if (/^GATEPASS_/.test(variable) && !(variable in variables)) yield `${name} is given ${variable}`;
        }
      }
    },
  },
  'private-ca-everywhere': {
    holds: 'With a private CA, each function has the layer and trusts the file in it; without, none has.',
    *faults(resources) {
      const functions = ofType<FunctionProperties>(resources, 'AWS::Lambda::Function');
      const found = functions.map(([, { Layers = [], Environment }]) =>
        [...Layers, Environment?.Variables?.['NODE_EXTRA_CA_CERTS']].join(),
      );
      if (new Set(found).size !== 1) yield `the functions differ: ${found.join(' | ')}`;
      if (!/^(|arn:\S+,\/opt\/\S+)$/.test(found[0] ?? '')) yield `it has ${found[0]}`;
    },
  },
  'least-privilege': {
    holds: "The function's role reads items of its table, writes to its log, and nothing else, without wildcards.",
    *faults(resources) {
      yield* beyond(resources, FUNCTION, { [TABLE_ARN]: TABLE_READS, [`\${AuthorizerLogGroup.Arn}`]: LOG_WRITES });
      for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy']) {
        for (const [name] of ofType(resources, type)) yield `${name} adds to the role from outside it`;
      }
    },
  },
  'sync-least-privilege': {
    holds:
      "The sync's role changes what it must of accounts, no key's hash and no owner; it reads its one secret, writes to " +
      'its log, and nothing else.',
    *faults(resources) {
      if (!('SyncFunction' in resources)) return;
      const role = ofType<RoleProperties>(resources, 'AWS::IAM::Role').find(([name]) => name === 'SyncRole')?.[1] ?? {};
      for (const [sid, condition] of Object.entries(SYNC_CONDITIONS)) {
        const { Condition } = statementsOf(role).find(({ Sid }) => Sid === sid) ?? {};
        if (!isDeepStrictEqual(Condition, condition)) yield `${sid} is limited by ${JSON.stringify(Condition)}`;
      }
      yield* beyond(resources, 'SyncFunction', {
        [TABLE_ARN]: TABLE_KEEPING,
        [`\${UsageTable.Arn}`]: ['dynamodb:Query', 'dynamodb:DeleteItem'],
        [`\${SyncLogGroup.Arn}`]: LOG_WRITES,
        [SYNC_SECRET]: ['secretsmanager:GetSecretValue'],
      });
    },
  },
  'role-for-lambda-alone': {
    holds: 'Only Lambda may take the roles on.',
    *faults(resources) {
      for (const [name, { AssumeRolePolicyDocument }] of ofType<RoleProperties>(resources, 'AWS::IAM::Role')) {
        for (const { Principal } of [AssumeRolePolicyDocument?.Statement ?? []].flat()) {
          const isLambda = isDeepStrictEqual(Principal, { Service: 'lambda.amazonaws.com' });
          if (!isLambda) yield `${name} may be taken on by ${JSON.stringify(Principal)}`;
        }
      }
    },
  },
  'log-format-and-retention': {
    holds: 'Logs are JSON, in a group of the stack, and each group forgets.',
    *faults(resources) {
      const { LogFormat = 'text', LogGroup = '' } = functionOf(resources).LoggingConfig ?? {};
      if (LogFormat !== 'JSON') yield `it logs as ${LogFormat}`;
      const groups = ofType<{ RetentionInDays?: number }>(resources, 'AWS::Logs::LogGroup');
      if (!groups.some(([name]) => LogGroup === `\${${name}}`)) yield "it logs to a group that isn't the stack's";
      for (const [name, { RetentionInDays }] of groups) if (!RetentionInDays) yield `${name} keeps its lines for ever`;
    },
  },
  'table-protected': {
    holds: "The table is encrypted, can be restored, isn't deleted by accident, and drops what is past purgeAt.",
    *faults(resources) {
      const { Properties = {}, DeletionPolicy, UpdateReplacePolicy } = resources['Table'] ?? {};
      const wanted = {
        TimeToLiveSpecification: { AttributeName: 'purgeAt', Enabled: true },
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: true,
      };
      for (const [name, value] of Object.entries(wanted)) {
        if (!isDeepStrictEqual(Properties[name], value)) yield `it has ${JSON.stringify(Properties[name])} for ${name}`;
      }
      if (DeletionPolicy !== 'Retain' || UpdateReplacePolicy !== 'Retain') {
        yield `it is lost: DeletionPolicy ${DeletionPolicy}, UpdateReplacePolicy ${UpdateReplacePolicy}`;
      }
    },
  },
} as const satisfies Record<string, Assertion<Resources>>;

interface FunctionProperties {
  readonly Runtime?: string;
  readonly Architectures?: readonly string[];
  readonly Timeout?: number;
  readonly Role?: string;
  readonly Layers?: readonly string[];
  readonly LoggingConfig?: { readonly LogFormat?: string; readonly LogGroup?: string };
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

interface Policy {
  readonly Statement?: Statement | readonly Statement[];
}

interface Statement {
  readonly Sid?: string;
  readonly Condition?: object;
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
}

interface RoleProperties {
  readonly AssumeRolePolicyDocument?: Policy;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly { readonly PolicyDocument?: Policy }[];
}

function functionOf(resources: Resources, name = FUNCTION): FunctionProperties {
  return ofType<FunctionProperties>(resources, 'AWS::Lambda::Function').find(([found]) => found === name)?.[1] ?? {};
}

/** What a function's role may do that it needn't. */
export function* beyond(
  resources: Resources,
  name: string,
  allowed: Readonly<Record<string, string[]>>,
): Generator<string> {
  const arn = functionOf(resources, name).Role;
  const roles = ofType<RoleProperties>(resources, 'AWS::IAM::Role');
  const [roleName, role] = roles.find(([found]) => arn === `\${${found}.Arn}`) ?? [];
  if (roleName === undefined || role === undefined || /^\w+FunctionRole$/.test(roleName)) {
    yield `${name} has a role that isn't the template's own: ${arn}`;
    return;
  }
  for (const { Effect, Action = '*', Resource = '*' } of statementsOf(role)) {
    for (const resource of [Resource].flat()) {
      const tooMuch = [Action].flat().filter((action) => !allowed[resource]?.includes(action));
      if (tooMuch.length > 0 && Effect === 'Allow') yield `${roleName} may ${tooMuch.join(', ')} on ${resource}`;
    }
  }
  for (const policy of role.ManagedPolicyArns ?? []) {
    if (policy !== NETWORK_INTERFACES) yield `${roleName} has ${policy}`;
  }
}

export function statementsOf({ Policies = [] }: RoleProperties): readonly Statement[] {
  return Policies.flatMap(({ PolicyDocument }) => [PolicyDocument?.Statement ?? []].flat());
}
