import type { Api, Authorizer, Method, Permission } from '../api.ts';
import { ofType, type Resources } from '../resources.ts';
import {
  type OpenApi,
  PREFLIGHT_HEADER,
  readGatewayResponse,
  readIdentitySources,
  readOpenApi,
  unquote,
} from './openapi.ts';

interface ApiProperties {
  readonly Body?: OpenApi;
  readonly ProtocolType?: 'HTTP' | 'WEBSOCKET';
}

interface MethodProperties {
  readonly ResourceId?: string;
  readonly HttpMethod?: string;
  readonly AuthorizationType?: string;
  readonly AuthorizerId?: string;
  readonly MethodResponses?: readonly Answer[];
  readonly Integration?: { readonly Type?: string; readonly IntegrationResponses?: readonly Answer[] };
}

interface Answer {
  readonly StatusCode?: string;
  readonly ResponseParameters?: Readonly<Record<string, unknown>>;
}

interface RouteProperties {
  readonly RouteKey?: string;
  readonly AuthorizationType?: string;
  readonly AuthorizerId?: string;
}

interface AuthorizerProperties {
  readonly Type?: string;
  readonly AuthorizerType?: string;
  readonly AuthorizerUri?: string;
  readonly IdentitySource?: string | readonly string[];
  readonly AuthorizerResultTtlInSeconds?: number;
  readonly AuthorizerPayloadFormatVersion?: string;
  readonly EnableSimpleResponses?: boolean;
}

interface GatewayResponseProperties {
  readonly ResponseType?: string;
  readonly StatusCode?: string;
  readonly ResponseParameters?: Readonly<Record<string, string>>;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
}

interface PermissionProperties {
  readonly FunctionName?: string;
  readonly Action?: string;
  readonly Principal?: string;
  readonly SourceArn?: string;
}

/** Reads the one API of a stack; undefined where it has none. */
export function readApi(resources: Resources): Api | undefined {
  const [rest] = ofType<ApiProperties>(resources, 'AWS::ApiGateway::RestApi');
  const [v2] = ofType<ApiProperties>(resources, 'AWS::ApiGatewayV2::Api');
  const [name, { Body, ProtocolType = 'HTTP' }] = rest ?? v2 ?? [undefined, {}];
  if (name === undefined) return undefined;
  const common = {
    kind: rest ? ('REST' as const) : ProtocolType,
    arn: `arn:aws:execute-api:eu-west-1:123456789012:\${${name}}`,
    permissions: readPermissions(resources),
  };
  if (Body !== undefined) return { ...common, ...readOpenApi(Body) };
  return rest ? { ...common, ...readRestApi(resources, name) } : { ...common, ...readV2Api(resources) };
}

function readPermissions(resources: Resources): readonly Permission[] {
  return ofType<PermissionProperties>(resources, 'AWS::Lambda::Permission').map(([, permission]) => ({
    function: permission.FunctionName ?? '',
    action: permission.Action ?? '',
    principal: permission.Principal ?? '',
    sourceArn: permission.SourceArn ?? '',
  }));
}

function readRestApi(resources: Resources, api: string): Omit<Api, 'kind' | 'arn' | 'permissions'> {
  const paths = new Map([[`\${${api}.RootResourceId}`, '/']]);
  for (const [name, { PathPart }] of ofType<{ PathPart?: string }>(resources, 'AWS::ApiGateway::Resource')) {
    paths.set(`\${${name}}`, `/${PathPart}`); // enough to say where: the examples have one level
  }
  const responses = ofType<GatewayResponseProperties>(resources, 'AWS::ApiGateway::GatewayResponse');
  return {
    methods: ofType<MethodProperties>(resources, 'AWS::ApiGateway::Method').map(([, method]) =>
      readMethod(method, paths.get(method.ResourceId ?? '') ?? '?'),
    ),
    authorizers: readAuthorizers(resources, 'AWS::ApiGateway::Authorizer'),
    gatewayResponses: Object.fromEntries(
      responses.map(([, { ResponseType, StatusCode, ResponseParameters = {}, ResponseTemplates = {} }]) => [
        ResponseType,
        readGatewayResponse({
          ...(StatusCode !== undefined && { statusCode: StatusCode }),
          responseParameters: ResponseParameters,
          responseTemplates: ResponseTemplates,
        }),
      ]),
    ),
    undeployed: findUndeployed(resources),
  };
}

function readMethod(method: MethodProperties, path: string): Method {
  const { HttpMethod = '', AuthorizationType, AuthorizerId, MethodResponses = [], Integration } = method;
  const isDeclared = (status: string | undefined, name: string) =>
    MethodResponses.some(
      ({ StatusCode, ResponseParameters = {} }) => StatusCode === status && name in ResponseParameters,
    );
  const answers = Integration?.Type === 'MOCK' ? (Integration.IntegrationResponses ?? []) : [];
  const headers = answers.flatMap(({ StatusCode, ResponseParameters = {} }) =>
    Object.entries(ResponseParameters)
      .filter(([name]) => isDeclared(StatusCode, name))
      .map(([name, value]) => [name.replace(PREFLIGHT_HEADER, '').toLowerCase(), unquote(String(value))]),
  );
  return {
    path,
    verb: HttpMethod,
    authorizer: AuthorizationType === 'CUSTOM' ? AuthorizerId : undefined,
    preflight: Object.fromEntries(headers),
  };
}

function readAuthorizers(resources: Resources, type: string): readonly Authorizer[] {
  return ofType<AuthorizerProperties>(resources, type).map(([name, authorizer]) => ({
    name: `\${${name}}`,
    type: authorizer.Type ?? authorizer.AuthorizerType ?? '',
    uri: authorizer.AuthorizerUri ?? '',
    identitySources: readIdentitySources(authorizer.IdentitySource),
    ttl: authorizer.AuthorizerResultTtlInSeconds,
    payloadVersion: authorizer.AuthorizerPayloadFormatVersion,
    simpleResponses: authorizer.EnableSimpleResponses ?? false,
  }));
}

/** Methods and gateway responses that no deployment waits for: it may be made before them, and without them. */
function findUndeployed(resources: Resources): readonly string[] {
  const waitedFor = Object.values(resources).flatMap(({ Type, DependsOn = [] }) =>
    Type === 'AWS::ApiGateway::Deployment' ? DependsOn : [],
  );
  return ['AWS::ApiGateway::Method', 'AWS::ApiGateway::GatewayResponse']
    .flatMap((type) => ofType(resources, type).map(([name]) => name))
    .filter((name) => !waitedFor.includes(name));
}

function readV2Api(resources: Resources): Omit<Api, 'kind' | 'arn' | 'permissions'> {
  return {
    methods: ofType<RouteProperties>(resources, 'AWS::ApiGatewayV2::Route').map(([, route]) => ({
      path: '',
      verb: route.RouteKey ?? '',
      authorizer: route.AuthorizationType === 'CUSTOM' ? route.AuthorizerId : undefined,
      preflight: {},
    })),
    authorizers: readAuthorizers(resources, 'AWS::ApiGatewayV2::Authorizer'),
    gatewayResponses: {},
  };
}
