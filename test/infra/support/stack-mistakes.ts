import { change, type Path, remove, set } from './edit.ts';
import { LOGOUT_MISTAKES } from './logout-mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { SELF_SERVICE_MISTAKES } from './self-service-mistakes.ts';
import { USAGE_MISTAKES } from './usage-mistakes.ts';

const FUNCTION = properties('AuthorizerFunction');
const VARIABLES = [...FUNCTION, 'Environment', 'Variables'];
const LOGGING = [...FUNCTION, 'LoggingConfig'];
const ROLE = properties('AuthorizerRole');
const TABLE = properties('Table');
const ALARM = properties('FaultAlarm');

function properties(name: string): Path {
  return ['Resources', name, 'Properties'];
}

function statement(role: string, sid: string): Path {
  const isIt = (found: unknown) => (found as { Sid: string }).Sid === sid;
  return [...properties(role), 'Policies', 0, 'PolicyDocument', 'Statement', isIt];
}

/** The mistakes that are tried on template.yaml beside its API. */
export const STACK_MISTAKES: readonly Mistake[] = [
  ['an old runtime', 'runtime-and-architecture', set([...FUNCTION, 'Runtime'], 'nodejs22.x')],
  ['another architecture', 'runtime-and-architecture', set([...FUNCTION, 'Architectures'], ['x86_64'])],
  ['a timeout of 30 s', 'timeout', set([...FUNCTION, 'Timeout'], 30)],
  ["SAM's default timeout", 'timeout', remove([...FUNCTION, 'Timeout'])],
  ['a variable left out', 'environment-complete', remove([...VARIABLES, 'GATEPASS_CLIENTS'])],
  ['a variable misspelt', 'environment-complete', set([...VARIABLES, 'GATEPASS_ISSUERS'], 'x')],
  [
    'a sync that does not trust the private CA',
    'private-ca-everywhere',
    remove([...properties('SyncFunction'), 'Environment', 'Variables', 'NODE_EXTRA_CA_CERTS']),
  ],
  ['an authorizer without the layer', 'private-ca-everywhere', remove([...FUNCTION, 'Layers'])],
  ['any table', 'least-privilege', set([...statement('AuthorizerRole', 'ReadKeysAndAccounts'), 'Resource'], '*')],
  [
    'any action',
    'least-privilege',
    set([...statement('AuthorizerRole', 'ReadKeysAndAccounts'), 'Action'], 'dynamodb:*'),
  ],
  [
    'writes to the table',
    'least-privilege',
    change([...statement('AuthorizerRole', 'ReadKeysAndAccounts'), 'Action'], (actions) => [
      ...[actions].flat(),
      'dynamodb:PutItem',
    ]),
  ],
  [
    "the table's indexes",
    'least-privilege',
    change([...statement('AuthorizerRole', 'ReadKeysAndAccounts'), 'Resource'], (table) => [
      table,
      { 'Fn::Sub': `\${Table.Arn}/*` },
    ]),
  ],
  ['another log', 'least-privilege', set([...statement('AuthorizerRole', 'WriteLog'), 'Resource'], '*')],
  [
    'a managed policy',
    'least-privilege',
    change([...ROLE, 'ManagedPolicyArns'], (policies) => [
      ...[policies].flat(),
      { 'Fn::Sub': `arn:\${AWS::Partition}:iam::aws:policy/PowerUserAccess` },
    ]),
  ],
  ["SAM's own role", 'least-privilege', remove([...FUNCTION, 'Role'])],
  [
    'a sync that may do anything with the table',
    'sync-least-privilege',
    set([...statement('SyncRole', 'ReadAccountsAndState'), 'Action'], 'dynamodb:*'),
  ],
  [
    "a sync that may change a key's hash",
    'sync-least-privilege',
    change(
      [...statement('SyncRole', 'ChangeAccounts'), 'Condition', 'ForAllValues:StringEquals', 'dynamodb:Attributes'],
      (attributes) => [...[attributes].flat(), 'hash'],
    ),
  ],
  [
    'a sync that may put any item',
    'sync-least-privilege',
    remove([...statement('SyncRole', 'LeaveTombstones'), 'Condition']),
  ],
  [
    'a sync that may read any secret',
    'sync-least-privilege',
    set([...statement('SyncRole', 'ReadClientSecret'), 'Resource'], '*'),
  ],
  ...SELF_SERVICE_MISTAKES,
  ...USAGE_MISTAKES,
  ...LOGOUT_MISTAKES,
  [
    'a role for the account',
    'role-for-lambda-alone',
    set([...ROLE, 'AssumeRolePolicyDocument', 'Statement', 0, 'Principal'], { AWS: '123456789012' }),
  ],
  ['logs as text', 'log-format-and-retention', set([...LOGGING, 'LogFormat'], 'Text')],
  ['logs kept for ever', 'log-format-and-retention', remove([...properties('AuthorizerLogGroup'), 'RetentionInDays'])],
  ["a log group of another's", 'log-format-and-retention', set([...LOGGING, 'LogGroup'], '/aws/lambda/other')],
  ['no alarm', 'alarms-present', remove(['Resources', 'FaultAlarm'])],
  ['no alarm on a share', 'alarms-present', remove(['Resources', 'FaultShareAlarm'])],
  ['an alarm on another metric', 'alarms-present', set([...ALARM, 'MetricName'], 'Throttles')],
  [
    'an alarm on any share',
    'alarms-present',
    set([...properties('FaultShareAlarm'), 'Metrics', 2, 'Expression'], '100 * errors / decisions'),
  ],
  ['no alarm on accounts that the sync skips', 'sync-alarms-present', remove(['Resources', 'SyncSkipAlarm'])],
  [
    'a sync whose silence sets off nothing',
    'sync-alarms-present',
    set([...properties('SyncFullPassAlarm'), 'TreatMissingData'], 'notBreaching'),
  ],
  [
    'full passes that are counted though they are not done',
    'sync-alarms-present',
    set([...properties('SyncFullPasses'), 'FilterPattern'], '{ $.pass = "full" }'),
  ],
  ['an alarm that silence sets off', 'alarms-present', set([...ALARM, 'TreatMissingData'], 'breaching')],
  [
    'an alarm that callers can ring',
    'faults-counted',
    set([...properties('Faults'), 'FilterPattern'], '{ $.outcome = "fault" }'),
  ],
  ['a table that keeps everything', 'table-protected', remove([...TABLE, 'TimeToLiveSpecification'])],
  [
    'another TTL attribute',
    'table-protected',
    set([...TABLE, 'TimeToLiveSpecification', 'AttributeName'], 'expiresAt'),
  ],
  ["a table that can't be restored", 'table-protected', remove([...TABLE, 'PointInTimeRecoverySpecification'])],
  ["a table with AWS's own key", 'table-protected', remove([...TABLE, 'SSESpecification'])],
  ['a table that may be deleted', 'table-protected', set([...TABLE, 'DeletionProtectionEnabled'], false)],
  ['a table that goes with the stack', 'table-protected', set(['Resources', 'Table', 'DeletionPolicy'], 'Delete')],
  ['a table lost when replaced', 'table-protected', remove(['Resources', 'Table', 'UpdateReplacePolicy'])],
  ['any audience by default', 'audience-without-default', set(['Parameters', 'Audience', 'Default'], '*')],
  ['a parameter that takes anything', 'parameters-bounded', remove(['Parameters', 'KeyPrefix', 'AllowedPattern'])],
  [
    'a pattern that takes http',
    'parameters-refuse-mistakes',
    set(['Parameters', 'Issuer', 'AllowedPattern'], '^https?://.+$'),
  ],
  [
    'a pattern that refuses any audience',
    'parameters-refuse-mistakes',
    set(['Parameters', 'Audience', 'AllowedPattern'], String.raw`^[\w,-]+$`),
  ],
  [
    'a rule that takes anything',
    'rules-refuse-mistakes',
    set(['Rules', 'CaFileIsInALayer', 'RuleCondition'], { 'Fn::Equals': ['', 'x'] }),
  ],
  [
    'a rule that takes a long TTL without conditions',
    'rules-refuse-mistakes',
    set(['Rules', 'WithoutConditionsAShortTtl', 'RuleCondition'], { 'Fn::Equals': ['', 'x'] }),
  ],
  ['a TTL up to a day', 'ttl-parameter-bounded', set(['Parameters', 'AuthorizerTtl', 'MaxValue'], 86_400)],
  ['no output of the ARN', 'outputs-present', remove(['Outputs', 'AuthorizerArn'])],
  ['no export of the ARN', 'outputs-present', remove(['Outputs', 'AuthorizerArn', 'Export'])],
  [
    'the ARN in another place',
    'outputs-present',
    set([...properties('AuthorizerArnParameter'), 'Name'], '/gatepass/arn'),
  ],
  [
    'an example API that nobody asked for',
    'example-api-on-request',
    set(['Conditions', 'WithExampleApi'], { 'Fn::Equals': ['', ''] }),
  ],
];
