import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readApi } from '../../src/local/gateway/api.ts';
import { readTemplate } from '../../src/local/gateway/cloudformation.ts';
import { readIntrinsics } from '../../src/local/gateway/intrinsics.ts';
import { deployedApi, TEMPLATE } from './support/api.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatepass-template-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the value `Out` of a template comes to. */
function resolve(yaml: string, parameters: Readonly<Record<string, string>> = {}): unknown {
  const path = join(folder, 'template.yaml');
  writeFileSync(path, `${HEAD}\n${yaml}\n`);
  const template = readTemplate(path);
  return readIntrinsics(template, parameters).resolve(template['Out'] ?? null);
}

/** How a resource is told of: only AWS knows what it will be. */
function resource(name: string): string {
  return `\${${name}}`;
}

const HEAD = `
Parameters:
  Ttl: { Type: Number, Default: 60 }
  Origin: { Type: String, Default: '*' }
  Required: { Type: String }
  Subnets: { Type: CommaDelimitedList, Default: 'a,b' }
Conditions:
  IsCached: !Not [!Equals [!Ref Ttl, 0]]
  IsOpen: !Equals [!Ref Origin, '*']
  Both: !And [!Condition IsCached, !Condition IsOpen]
  Either: !Or [!Condition IsCached, { Condition: IsOpen }]
  Unknowable: { 'Fn::EachMemberIn': [[a], [a]] }
Resources:
  Function: { Type: AWS::Lambda::Function }
`;

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
describe('an intrinsic function', () => {
  it.each<[string, string, unknown]>([
    ['Ref to a parameter with its default', 'Out: !Ref Ttl', '60'],
    ['Ref to a pseudo parameter', 'Out: !Ref AWS::Region', 'eu-west-1'],
    ['Ref to a list', 'Out: !Ref Subnets', ['a', 'b']],
    ['Ref to a resource', 'Out: !Ref Function', resource('Function')],
    ['Ref in the long form', 'Out: { Ref: Origin }', '*'],
    ['Sub', `Out: !Sub "'\${Origin}' \${AWS::Partition} \${Function.Arn}"`, `'*' aws ${resource('Function.Arn')}`],
    ['Sub with a map', `Out: !Sub ['\${a} \${Ttl}', { a: !Ref Origin }]`, '* 60'],
    ['Sub in the long form', `Out: { 'Fn::Sub': 'a \${Ttl}' }`, 'a 60'],
    ['GetAtt', 'Out: !GetAtt Function.Arn', resource('Function.Arn')],
    ['GetAtt of a list', 'Out: !GetAtt [Function, Arn]', resource('Function.Arn')],
    ['Contains', `Out: { 'Fn::Contains': [['1', 60], !Ref Ttl] }`, true],
    ['Split and Select', "Out: { 'Fn::Select': [1, { 'Fn::Split': ['-', a-b-c] }] }", 'b'],
    [
      'Condition in a policy',
      "Out: { Condition: { Bool: { 'aws:SecureTransport': true } } }",
      {
        Condition: { Bool: { 'aws:SecureTransport': true } },
      },
    ],
    ['Join', "Out: !Join ['-', [a, !Ref Ttl, c]]", 'a-60-c'],
    ['If, held', 'Out: !If [IsCached, yes, no]', 'yes'],
    ['If, nested', 'Out: !If [IsCached, !If [IsOpen, !Ref Ttl, b], c]', '60'],
    ['If in the long form', "Out: { 'Fn::If': [IsCached, { a: !Ref Ttl }, no] }", { a: '60' }],
    ['AWS::NoValue in a map', 'Out: { a: 1, b: !Ref AWS::NoValue }', { a: 1 }],
    ['AWS::NoValue in a list', 'Out: [1, !Ref AWS::NoValue, 3]', [1, 3]],
    ['AWS::NoValue by an If', 'Out: { a: !If [IsCached, !Ref AWS::NoValue, 1], b: 2 }', { b: 2 }],
    ['none', "Out: { a: [1, 'x', true, null], 'Fn': x }", { a: [1, 'x', true, null], Fn: 'x' }],
  ])('is carried out: %s', (_, yaml, expected) => {
    expect(resolve(yaml)).toEqual(expected);
  });

  it.each([
    ['60', '*', [true, true, true]],
    ['0', '*', [false, false, true]],
    ['60', 'https://app.example.com', [true, false, true]],
    ['0', 'https://app.example.com', [false, false, false]],
  ])('is a condition of Not, And and Or: %s %s', (Ttl, Origin, expected) => {
    const yaml = 'Out: [!If [IsCached, true, false], !If [Both, true, false], !If [Either, true, false]]';
    expect(resolve(yaml, { Ttl, Origin })).toEqual(expected);
  });

  it('that is not known here is an error and no guess', () => {
    expect(() => resolve("Out: { 'Fn::ImportValue': x }")).toThrow('Fn::ImportValue is not known here');
    expect(() => resolve("Out: { a: [{ 'Fn::Cidr': [x, 1, 8] }] }")).toThrow('Fn::Cidr is not known here');
    expect(() => resolve('Out: !If [Unknowable, a, b]')).toThrow('Fn::EachMemberIn is not known here');
    expect(() => resolve('Out: !If [NoSuchCondition, a, b]')).toThrow('is not known here');
  });
});

describe("the template's parameters", () => {
  it('replace the defaults', () => {
    expect(resolve(`Out: !Sub \${Ttl} \${Origin}`, { Ttl: '0', Origin: 'https://app.example.com' })).toBe(
      '0 https://app.example.com',
    );
  });

  it('that it does not have are an error which names them', () => {
    expect(() => resolve('Out: 1', { Tll: '0', Other: 'x' })).toThrow('has no parameter Tll, Other.');
    expect(() => readApi(TEMPLATE, { NoSuch: 'x' })).toThrow('has no parameter NoSuch.');
  });
});

// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
describe('the API that our template deploys', () => {
  it('has its stage and its routes, protected but for OPTIONS', () => {
    const { stage, routes } = deployedApi();
    expect(stage).toBe('prod');
    expect(routes.map(({ method, resource, isProtected }) => [method, resource, isProtected])).toEqual([
      ['GET', '/api/v1/whoami', true],
      ['OPTIONS', '/api/v1/whoami', false],
      ['ANY', '/api/v1/{proxy+}', true],
      ['OPTIONS', '/api/v1/{proxy+}', false],
    ]);
  });

  it('has an identity source exactly when it keeps decisions', () => {
    expect(deployedApi()).toMatchObject({ ttlSeconds: 60, identityHeaders: ['Authorization'] });
    expect(deployedApi({ ttl: 3600 })).toMatchObject({ ttlSeconds: 3600, identityHeaders: ['Authorization'] });
    expect(deployedApi({ ttl: 0 })).toMatchObject({ ttlSeconds: 0, identityHeaders: [] });
  });

  it('sets a status for what the authorizer brings about, and for nothing else', () => {
    const statuses = Object.entries(deployedApi().gatewayResponses).map(([type, { statusCode }]) => [type, statusCode]);
    expect(Object.fromEntries(statuses)).toEqual({
      ACCESS_DENIED: 401,
      UNAUTHORIZED: 401,
      AUTHORIZER_FAILURE: 503,
      AUTHORIZER_CONFIGURATION_ERROR: 503,
      MISSING_AUTHENTICATION_TOKEN: undefined,
      INVALID_SIGNATURE: undefined,
      DEFAULT_4XX: undefined,
      DEFAULT_5XX: undefined,
    });
  });
});
