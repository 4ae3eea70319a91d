import { isDeepStrictEqual } from 'node:util';
import { ofType, type Resources } from '../resources.ts';
import type { AlarmProperties } from './alarms.ts';
import type { Assertion } from './assertion.ts';
import { beyond, LOG_WRITES } from './stack.ts';

const FUNCTION_ARN = `\${UsageFunction.Arn}`;
const LINES = '{ $.authMethod = "api_key" && $.apiKeyId = "*" && $.reason != "api_key.unknown" }';
export const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:gatepass';

const WATCHED = {
  UsageAlarm: { Namespace: 'AWS/Lambda', MetricName: 'Errors', Threshold: 3, TreatMissingData: 'notBreaching' },
  UsageBatchAlarm: {
    ...{ Namespace: 'Gatepass/gatepass', MetricName: 'usageBatchesRefused', Threshold: 1 },
    TreatMissingData: 'notBreaching',
  },
};

interface SubscriptionProperties {
  readonly LogGroupName?: string;
  readonly FilterPattern?: string;
  readonly DestinationArn?: string;
}

interface PermissionProperties {
  readonly FunctionName?: string;
  readonly Principal?: string;
  readonly SourceArn?: string;
  readonly SourceAccount?: string;
}

interface FilterProperties {
  readonly LogGroupName?: string;
  readonly FilterPattern?: string;
}

/** What must hold of the recorder of usage. */
export const USAGE_ASSERTIONS = {
  'usage-least-privilege': {
    holds: 'The recorder writes its own table and its own log, and reads no log and no key; it may tell one topic.',
    *faults(resources) {
      if (!('UsageFunction' in resources)) return;
      yield* beyond(resources, 'UsageFunction', {
        [`\${UsageTable.Arn}`]: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        [`\${UsageLogGroup.Arn}`]: LOG_WRITES,
        [TOPIC]: ['sns:Publish'],
      });
    },
  },
  'usage-subscription': {
    holds: "The authorizer's lines of keys reach the recorder, which nothing but that log may call.",
    *faults(resources) {
      const subscriptions = ofType<SubscriptionProperties>(resources, 'AWS::Logs::SubscriptionFilter');
      if (!('UsageFunction' in resources)) {
        for (const [name] of subscriptions) yield `${name} is there though nobody asked for usage`;
        return;
      }
      const found = subscriptions.map(([, { LogGroupName, FilterPattern, DestinationArn }]) => {
        return { LogGroupName, FilterPattern, DestinationArn };
      });
      const expected = { LogGroupName: `\${AuthorizerLogGroup}`, FilterPattern: LINES, DestinationArn: FUNCTION_ARN };
      if (!isDeepStrictEqual(found, [expected])) yield `the subscriptions are ${JSON.stringify(found)}`;
      const permissions = ofType<PermissionProperties>(resources, 'AWS::Lambda::Permission').filter(
        ([, { FunctionName }]) => FunctionName === `\${UsageFunction}`,
      );
      const callers = permissions.map(([, { Principal, SourceArn, SourceAccount }]) => [
        Principal,
        SourceArn,
        SourceAccount,
      ]);
      const log = ['logs.amazonaws.com', `\${AuthorizerLogGroup.Arn}`, '123456789012'];
      if (!isDeepStrictEqual(callers, [log])) yield `it may be called by ${JSON.stringify(callers)}`;
    },
  },
  'usage-forgotten': {
    holds: 'What is recorded goes after its time, and with the stack.',
    *faults(resources) {
      const { Properties = {}, DeletionPolicy } = resources['UsageTable'] ?? {};
      if (!('UsageTable' in resources)) return;
      const { TimeToLiveSpecification: ttl, SSESpecification: encryption } = Properties;
      if (!isDeepStrictEqual(ttl, { AttributeName: 'purgeAt', Enabled: true }))
        yield `its TTL is ${JSON.stringify(ttl)}`;
      if (!isDeepStrictEqual(encryption, { SSEEnabled: true })) yield 'it is not encrypted by a key of the account';
      if (DeletionPolicy !== 'Delete') yield `it stays: DeletionPolicy ${DeletionPolicy}`;
    },
  },
  'usage-alarms-present': {
    holds: 'Alarms tell of a recorder that fails, and of lines that were not recorded.',
    *faults(resources) {
      if (!('UsageFunction' in resources)) return;
      const alarms = new Map(ofType<AlarmProperties>(resources, 'AWS::CloudWatch::Alarm'));
      for (const [name, expected] of Object.entries(WATCHED)) {
        const { Namespace, MetricName, Threshold, TreatMissingData } = alarms.get(name) ?? {};
        const found = { Namespace, MetricName, Threshold, TreatMissingData };
        if (!isDeepStrictEqual(found, expected)) yield `${name} is on ${JSON.stringify(found)}`;
      }
      const filters = new Map(ofType<FilterProperties>(resources, 'AWS::Logs::MetricFilter'));
      const { LogGroupName, FilterPattern } = filters.get('UsageRefusedBatches') ?? {};
      if (LogGroupName !== `\${UsageLogGroup}` || FilterPattern !== '{ $.outcome = "refused" }') {
        yield `refused batches are counted as ${FilterPattern} in ${LogGroupName}`;
      }
    },
  },
} as const satisfies Record<string, Assertion<Resources>>;
