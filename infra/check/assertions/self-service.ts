import { isDeepStrictEqual } from 'node:util';
import { ofType, type Resources } from '../resources.ts';
import type { Assertion } from './assertion.ts';
import { beyond, LOG_WRITES, TABLE_ARN, TABLE_READS } from './stack.ts';

const OPEN = ['GET /keys', 'GET /keys/{file}'];
const OWN_ITEMS = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['account#*', 'unconfirmed'] } };

interface Operation {
  readonly security?: readonly object[];
}

interface ApiBody {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: {
    readonly securitySchemes?: {
      readonly signedIn?: {
        readonly 'x-amazon-apigateway-authorizer'?: {
          readonly authorizerUri?: string;
          readonly authorizerResultTtlInSeconds?: number;
          readonly identitySource?: string;
        };
      };
    };
  };
}

interface FunctionProperties {
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
}

interface RoleProperties {
  readonly Policies?: readonly {
    readonly PolicyDocument?: {
      readonly Statement?: readonly { readonly Condition?: object; readonly Resource?: unknown }[];
    };
  }[];
}

function bodyOf(resources: Resources): ApiBody | undefined {
  const apis = ofType<{ Body?: ApiBody }>(resources, 'AWS::ApiGateway::RestApi');
  return apis.find(([name]) => name === 'SelfServiceApi')?.[1].Body;
}

/** What must hold of the page and the API on which users manage their keys. */
export const SELF_SERVICE_ASSERTIONS = {
  'self-service-authorized': {
    holds: 'Every route of the keys API has its authorizer; the page and its files alone have none.',
    *faults(resources) {
      for (const [path, operations] of Object.entries(bodyOf(resources)?.paths ?? {})) {
        for (const [method, { security = [] }] of Object.entries(operations)) {
          const route = `${method.toUpperCase()} ${path}`;
          const isAuthorized = isDeepStrictEqual(security, [{ signedIn: [] }]);
          if (isAuthorized === OPEN.includes(route)) yield `${route} has ${JSON.stringify(security)}`;
        }
      }
    },
  },
  'self-service-uncached': {
    holds: 'Its authorizer is one of its own, and its decisions are not kept.',
    *faults(resources) {
      const body = bodyOf(resources);
      const authorizer = body?.components?.securitySchemes?.signedIn?.['x-amazon-apigateway-authorizer'] ?? {};
      if (body === undefined) return;
      const { authorizerUri = '', authorizerResultTtlInSeconds, identitySource } = authorizer;
      if (authorizerResultTtlInSeconds !== 0) yield `they are kept for ${authorizerResultTtlInSeconds} s`;
      if (identitySource !== undefined) yield `they are kept by ${identitySource}`;
      if (!authorizerUri.includes('SelfServiceAuthorizerFunction')) yield `it asks ${authorizerUri}`;
    },
  },
  'self-service-audience': {
    holds: 'Only tokens for the keys API, of its own clients, are let in, and accounts are checked.',
    *faults(resources) {
      const functions = ofType<FunctionProperties>(resources, 'AWS::Lambda::Function');
      const [, authorizer] = functions.find(([name]) => name === 'SelfServiceAuthorizerFunction') ?? [];
      if (authorizer === undefined) return;
      const given = authorizer.Environment?.Variables ?? {};
      const { GATEPASS_AUDIENCE: audience, GATEPASS_CLIENTS: clients, GATEPASS_ACCOUNT_CHECK: check } = given;
      if (audience !== 'gatepass-keys') yield `it takes tokens for ${audience}`;
      if (clients !== 'gatepass-keys-page') yield `it takes tokens of ${clients}`;
      if (check !== 'all') yield `it checks accounts for ${check}`;
    },
  },
  'self-service-least-privilege': {
    holds: 'Its roles reach accounts with their keys, the list of whom to look up, usage to read, and their own logs.',
    *faults(resources) {
      if (!('SelfServiceFunction' in resources)) return;
      yield* beyond(resources, 'SelfServiceAuthorizerFunction', {
        [TABLE_ARN]: TABLE_READS,
        [`\${SelfServiceAuthorizerLogGroup.Arn}`]: LOG_WRITES,
      });
      yield* beyond(resources, 'SelfServiceFunction', {
        [TABLE_ARN]: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
        [`\${UsageTable.Arn}`]: ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query'],
        [`\${SelfServiceLogGroup.Arn}`]: LOG_WRITES,
      });
      const roles = ofType<RoleProperties>(resources, 'AWS::IAM::Role');
      const [, role] = roles.find(([name]) => name === 'KeysRole') ?? [];
      for (const { PolicyDocument } of role?.Policies ?? []) {
        for (const { Resource, Condition } of PolicyDocument?.Statement ?? []) {
          if (Resource === TABLE_ARN && !isDeepStrictEqual(Condition, OWN_ITEMS)) {
            yield `it reaches items of the table under ${JSON.stringify(Condition)}`;
          }
        }
      }
    },
  },
} as const satisfies Record<string, Assertion<Resources>>;
