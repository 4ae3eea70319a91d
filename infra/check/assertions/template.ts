import { isDeepStrictEqual } from 'node:util';
import { readIntrinsics } from '../../../src/local/gateway/intrinsics.ts';
import { asObject, type JsonObject } from '../../../src/local/gateway/json.ts';
import type { Assertion } from './assertion.ts';

interface Values {
  readonly accepted: readonly string[];
  readonly refused: readonly string[];
}

/** What a deployment may be given, and what it must refuse before anything is made. */
const VALUES: Readonly<Record<string, Values>> = {
  Issuer: {
    accepted: ['https://id.example.com/realms/main', 'https://id.example.com:8443/auth/realms/a-b'],
    refused: [
      '',
      'https://id.example.com/realms/main/',
      'http://id.example.com/realms/main',
      'https://u@id.example.com/r',
    ],
  },
  Audience: {
    accepted: ['*', 'my-api', 'my-api,other', 'my-api, other'],
    refused: ['', 'my-api,', ',my-api', '*,a', 'a b'],
  },
  Clients: { accepted: ['*', 'my-web'], refused: ['', 'my-web,,my-cli'] },
  JwksUri: { accepted: ['', 'https://keycloak.internal/certs'], refused: ['http://keycloak.internal/certs'] },
  LogoutClients: { accepted: ['', 'my-web', 'my-web, my-cli'], refused: ['*', 'my-web,*', 'my-web,'] },
  KeyPrefix: { accepted: ['gp', 'acme2'], refused: ['', 'Gp', 'gp_', '2gp'] },
  KeyEnvironment: { accepted: ['live', 'test1'], refused: ['', 'Live', 'live_1'] },
  ImportedPrefixes: { accepted: ['', '*', 'sk_,ch_'], refused: ['sk_,', '*,sk_'] },
  CorsOrigin: {
    accepted: ['*', 'https://app.example.com', 'http://localhost:5173'],
    refused: ['', 'https://a.example.com/', '*.a'],
  },
  ChallengeRealm: { accepted: ['api', 'my api'], refused: ['', 'a"b', "a'b"] },
  AlarmTopicArn: {
    accepted: ['', 'arn:aws:sns:eu-west-1:123456789012:faults'],
    refused: ['faults', 'arn:aws:sqs:eu-west-1:1:a'],
  },
  CaFile: { accepted: ['', '/opt/ca.pem', '/opt/certs/ca.pem'], refused: ['ca.pem', '/opt/', '/var/task/ca.pem'] },
  LayerArn: {
    accepted: ['', 'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:layer:ca:3'],
    refused: ['ca', 'arn:aws:lambda:eu-west-1:123456789012:layer:ca'],
  },
};

/** What must not be given together, and what may. */
const TOGETHER: Readonly<Record<string, { readonly accepted: Given; readonly refused: Given }>> = {
  LogoutReceiverHasClients: {
    accepted: { LogoutReceiver: 'true', LogoutClients: 'my-web' },
    refused: { LogoutReceiver: 'true', LogoutClients: '' },
  },
  CaFileIsInALayer: {
    accepted: { CaFile: '/opt/ca.pem', LayerArn: 'arn:aws:lambda:eu-west-1:123456789012:layer:ca:1' },
    refused: { CaFile: '/opt/ca.pem' },
  },
  WithoutConditionsAShortTtl: {
    accepted: { PolicyConditions: 'off', AuthorizerTtl: '60' },
    refused: { PolicyConditions: 'off', AuthorizerTtl: '61' },
  },
};

type Given = Readonly<Record<string, string>>;

/** Each output, and the resource that it tells of. */
const OUTPUTS = {
  AuthorizerArn: 'AuthorizerFunction',
  AuthorizerArnParameter: 'AuthorizerArnParameter',
  AuthorizerLogGroup: 'AuthorizerLogGroup',
  TableName: 'Table',
  UsageTableName: 'UsageTable',
  ExampleApiUrl: 'ExampleApiGateway',
};

/** What must hold of template.yaml as it is written: its parameters and outputs, which the stack's users see. */
export const TEMPLATE_ASSERTIONS = {
  'audience-without-default': {
    holds: 'Issuer and audience have no default: who may call is said.',
    *faults(template) {
      for (const name of ['Issuer', 'Audience']) {
        const parameter = parametersOf(template)[name];
        if (parameter === undefined || 'Default' in parameter) yield `${name} has a default, or isn't a parameter`;
      }
    },
  },
  'parameters-bounded': {
    holds: 'Every parameter says what it takes: a pattern, a list or a range.',
    *faults(template) {
      for (const [name, parameter] of Object.entries(parametersOf(template))) {
        const isRange = 'MinValue' in parameter && 'MaxValue' in parameter;
        if (!isRange && !('AllowedPattern' in parameter) && !('AllowedValues' in parameter)) {
          yield `${name} takes anything`;
        }
        if ('AllowedPattern' in parameter && !('ConstraintDescription' in parameter)) {
          yield `${name} refuses values without saying what it wants`;
        }
      }
    },
  },
  'parameters-refuse-mistakes': {
    holds: 'Patterns take good values and refuse mistaken ones.',
    *faults(template) {
      for (const [name, { accepted, refused }] of Object.entries(VALUES)) {
        // CloudFormation holds the whole value against the pattern.
        const pattern = new RegExp(`^(?:${parametersOf(template)[name]?.['AllowedPattern']})$`);
        for (const value of accepted) if (!pattern.test(value)) yield `${name} refuses "${value}"`;
        for (const value of refused) if (pattern.test(value)) yield `${name} takes "${value}"`;
      }
    },
  },
  'rules-refuse-mistakes': {
    holds: 'Rules refuse what must not be given together, and nothing else.',
    *faults(template) {
      for (const [name, { accepted, refused }] of Object.entries(TOGETHER)) {
        for (const given of [{}, accepted]) if (!keepsRule(template, name, given)) yield `${name} refuses what is good`;
        if (keepsRule(template, name, refused)) yield `${name} takes ${JSON.stringify(refused)}`;
      }
    },
  },
  'ttl-parameter-bounded': {
    holds: 'AuthorizerTtl is 60 s unless said, and at most 3600.',
    *faults(template) {
      const { Default, MinValue, MaxValue } = parametersOf(template)['AuthorizerTtl'] ?? {};
      if (!isDeepStrictEqual([Default, MinValue, MaxValue], [60, 0, 3600])) {
        yield `it is ${Default} unless said, from ${MinValue} to ${MaxValue}`;
      }
    },
  },
  'outputs-present': {
    holds: 'Other stacks find the authorizer: by output, export and parameter.',
    *faults(template) {
      const outputs = asObject(template['Outputs']);
      for (const [name, resource] of Object.entries(OUTPUTS)) {
        const value = JSON.stringify(asObject(outputs[name])['Value'] ?? null);
        if (!value.includes(resource)) yield `${name} is ${value}, which doesn't tell of ${resource}`;
      }
      if (!('Export' in asObject(outputs['AuthorizerArn']))) yield "AuthorizerArn isn't exported";
      const parameter = asObject(asObject(template['Resources'])['AuthorizerArnParameter']);
      const name = asObject(parameter['Properties'])['Name'];
      if (!isDeepStrictEqual(name, { 'Fn::Sub': `/\${AWS::StackName}/authorizer-arn` })) {
        yield `the parameter is named ${JSON.stringify(name)}: examples read /<stack>/authorizer-arn`;
      }
    },
  },
} as const satisfies Record<string, Assertion<JsonObject>>;

function parametersOf(template: JsonObject): Readonly<Record<string, JsonObject>> {
  const parameters = Object.entries(asObject(template['Parameters']));
  return Object.fromEntries(parameters.map(([name, parameter]) => [name, asObject(parameter)]));
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html */
function keepsRule(template: JsonObject, name: string, given: Given): boolean {
  const { resolve } = readIntrinsics(template, given);
  const { RuleCondition = true, Assertions = [] } = asObject(asObject(template['Rules'])[name]);
  return !resolve(RuleCondition) || [Assertions].flat().every((each) => resolve(asObject(each)['Assert'] ?? false));
}
