import { change, remove, set } from './edit.ts';
import type { Mistake } from './mistakes.ts';

const STATEMENTS = ['Resources', 'UsageRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement'];
const SUBSCRIPTION = ['Resources', 'UsageSubscription', 'Properties'];
const PERMISSION = ['Resources', 'LogMayCallUsage', 'Properties'];
const ALLOW = { Effect: 'Allow' };

/** The mistakes that are tried on the recorder of usage. */
export const USAGE_MISTAKES: readonly Mistake[] = [
  [
    "a recorder that may write the keys' table",
    'usage-least-privilege',
    set([...STATEMENTS, 0, 'Resource'], { 'Fn::GetAtt': ['Table', 'Arn'] }),
  ],
  [
    'a recorder that may delete what it has written',
    'usage-least-privilege',
    change([...STATEMENTS, 0, 'Action'], (actions) => [...[actions].flat(), 'dynamodb:DeleteItem']),
  ],
  [
    "a recorder that may read the authorizer's log",
    'usage-least-privilege',
    set([...STATEMENTS, 3], {
      ...ALLOW,
      Action: 'logs:FilterLogEvents',
      Resource: { 'Fn::GetAtt': ['AuthorizerLogGroup', 'Arn'] },
    }),
  ],
  [
    'a recorder that may tell any topic',
    'usage-least-privilege',
    set([...STATEMENTS, 3], { ...ALLOW, Action: 'sns:Publish', Resource: '*' }),
  ],
  ['no subscription', 'usage-subscription', remove(['Resources', 'UsageSubscription'])],
  [
    'a subscription to ids that are made up',
    'usage-subscription',
    set([...SUBSCRIPTION, 'FilterPattern'], '{ $.apiKeyId = "*" }'),
  ],
  [
    'a subscription to the log of its own',
    'usage-subscription',
    set([...SUBSCRIPTION, 'LogGroupName'], { Ref: 'UsageLogGroup' }),
  ],
  [
    'a subscription that nobody asked for',
    'usage-subscription',
    remove(['Resources', 'UsageSubscription', 'Condition']),
  ],
  ['any log that may call it', 'usage-subscription', remove([...PERMISSION, 'SourceArn'])],
  ['anybody who may call it', 'usage-subscription', set([...PERMISSION, 'Principal'], '*')],
  [
    'usage that is kept for ever',
    'usage-forgotten',
    remove(['Resources', 'UsageTable', 'Properties', 'TimeToLiveSpecification']),
  ],
  ['usage that outlives the stack', 'usage-forgotten', set(['Resources', 'UsageTable', 'DeletionPolicy'], 'Retain')],
  ['no alarm on a recorder that fails', 'usage-alarms-present', remove(['Resources', 'UsageAlarm'])],
  [
    'refused batches that nobody counts',
    'usage-alarms-present',
    set(['Resources', 'UsageRefusedBatches', 'Properties', 'FilterPattern'], '{ $.outcome = "fault" }'),
  ],
  [
    'an authorizer that writes usage',
    'least-privilege',
    set(['Resources', 'AuthorizerRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 2], {
      ...ALLOW,
      Action: 'dynamodb:UpdateItem',
      Resource: { 'Fn::GetAtt': ['UsageTable', 'Arn'] },
    }),
  ],
  [
    'a sync that writes usage',
    'sync-least-privilege',
    set(['Resources', 'SyncRole', 'Properties', 'Policies', 0, 'PolicyDocument', 'Statement', 0, 'Resource'], {
      'Fn::GetAtt': ['UsageTable', 'Arn'],
    }),
  ],
];
