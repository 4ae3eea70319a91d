import { isDeepStrictEqual } from 'node:util';
import { ofType, type Resources } from '../resources.ts';
import type { Assertion } from './assertion.ts';
import { beyond, LOG_WRITES, statementsOf, TABLE_ARN } from './stack.ts';

const ONLY_REVOCATIONS = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['revoked#*'] } };

interface Api {
  readonly Body?: { readonly paths?: Readonly<Record<string, object>> };
}

interface Stage {
  readonly RestApiId?: string;
  readonly MethodSettings?: readonly {
    readonly ResourcePath?: string;
    readonly HttpMethod?: string;
    readonly ThrottlingRateLimit?: number;
    readonly ThrottlingBurstLimit?: number;
  }[];
}

interface FunctionProperties {
  readonly ReservedConcurrentExecutions?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

function named<Properties>(resources: Resources, type: string, wanted: string): Properties | undefined {
  return ofType<Properties>(resources, type).find(([name]) => name === wanted)?.[1];
}

/** What must hold of the receiver of logouts, whose route is open to everybody. */
export const LOGOUT_ASSERTIONS = {
  'logout-route': {
    holds: 'It has one route, POST /logout.',
    *faults(resources) {
      const { Body } = named<Api>(resources, 'AWS::ApiGateway::RestApi', 'LogoutApi') ?? {};
      if (Body === undefined) return;
      const routes = Object.entries(Body.paths ?? {}).flatMap(([path, operations]) =>
        Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
      );
      if (!isDeepStrictEqual(routes, ['POST /logout'])) yield `it has ${routes.join(', ')}`;
    },
  },
  'logout-bounded': {
    holds: "A flood takes no more than its own share: of the account's concurrency, and of requests a second.",
    *faults(resources) {
      const receiver = named<FunctionProperties>(resources, 'AWS::Lambda::Function', 'LogoutFunction');
      if (receiver === undefined) return;
      if (!receiver.ReservedConcurrentExecutions) yield 'its function has no concurrency of its own';
      const stages = ofType<Stage>(resources, 'AWS::ApiGateway::Stage');
      const [, stage] =
        stages.find(([, { RestApiId }]) => RestApiId === 'LogoutApi' || RestApiId === `\${LogoutApi}`) ?? [];
      const all = stage?.MethodSettings?.find(
        ({ ResourcePath, HttpMethod }) => ResourcePath === '/*' && HttpMethod === '*',
      );
      if (!all?.ThrottlingRateLimit || !all.ThrottlingBurstLimit) yield 'its stage has no limit for all routes';
    },
  },
  'logout-clients': {
    holds: 'It hears of the logouts of named clients.',
    *faults(resources) {
      const receiver = named<FunctionProperties>(resources, 'AWS::Lambda::Function', 'LogoutFunction');
      if (receiver === undefined) return;
      const clients = receiver.Environment?.Variables?.['GATEPASS_LOGOUT_CLIENTS'] ?? '';
      if (clients === '' || clients.includes('*')) yield `it hears of those of ${clients || 'none'}`;
    },
  },
  'logout-least-privilege': {
    holds: 'Its role puts what revokes tokens, and nothing else, reads nothing, and writes to its own log.',
    *faults(resources) {
      if (!('LogoutFunction' in resources)) return;
      yield* beyond(resources, 'LogoutFunction', {
        [TABLE_ARN]: ['dynamodb:PutItem'],
        [`\${LogoutLogGroup.Arn}`]: LOG_WRITES,
      });
      const role = named<Parameters<typeof statementsOf>[0]>(resources, 'AWS::IAM::Role', 'LogoutRole') ?? {};
      for (const { Resource, Condition } of statementsOf(role)) {
        if (Resource === TABLE_ARN && !isDeepStrictEqual(Condition, ONLY_REVOCATIONS)) {
          yield `it puts items under ${JSON.stringify(Condition)}`;
        }
      }
    },
  },
} as const satisfies Record<string, Assertion<Resources>>;
