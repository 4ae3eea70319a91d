import * as v from 'valibot';
import { readTemplate } from './cloudformation.ts';
import { readIntrinsics } from './intrinsics.ts';
import { asObject } from './json.ts';

const textMap = v.optional(v.record(v.string(), v.string()), {});

const mockResponse = v.object({
  statusCode: v.pipe(v.string(), v.transform(Number)),
  responseParameters: textMap,
  responseTemplates: textMap,
});

const mock = v.object({
  type: v.literal('mock'),
  requestTemplates: textMap,
  responses: v.object({ default: mockResponse }),
});

/** A Lambda function that is handed the whole request. */
const proxy = v.object({ type: v.literal('aws_proxy') });

const integration = v.variant('type', [mock, proxy]);

const operation = v.object({
  security: v.optional(v.array(v.record(v.string(), v.unknown())), []),
  'x-amazon-apigateway-integration': integration,
});

const gatewayResponse = v.object({
  statusCode: v.optional(v.pipe(v.union([v.string(), v.number()]), v.transform(Number))),
  responseParameters: textMap,
  responseTemplates: textMap,
});

const openApi = v.object({
  paths: v.record(v.string(), v.record(v.string(), operation)),
  components: v.object({
    securitySchemes: v.record(
      v.string(),
      v.object({
        'x-amazon-apigateway-authorizer': v.object({
          type: v.literal('request'),
          identitySource: v.optional(v.string(), ''),
          authorizerResultTtlInSeconds: v.pipe(v.union([v.string(), v.number()]), v.transform(Number)),
        }),
      }),
    ),
  }),
  'x-amazon-apigateway-gateway-responses': v.optional(v.record(v.string(), gatewayResponse), {}),
});

export type MockIntegration = v.InferOutput<typeof mock>;
type Integration = v.InferOutput<typeof integration>;
export type GatewayResponse = v.InferOutput<typeof gatewayResponse>;

export interface Route {
  /** As `/api/v1/{proxy+}`. */
  readonly resource: string;
  /** Upper case, or `ANY`. */
  readonly method: string;
  readonly isProtected: boolean;
  readonly integration: Integration;
}

/** What the template deploys to API Gateway. */
export interface Api {
  readonly stage: string;
  readonly routes: readonly Route[];
  readonly gatewayResponses: Readonly<Record<string, GatewayResponse>>;
  /** Names of the headers that a request must have and that its result is cached by. */
  readonly identityHeaders: readonly string[];
  readonly ttlSeconds: number;
}

/**
 * Reads an API of our own `template.yaml`, which is all that the local gateway knows of it.
 *
 * @param name its logical name.
 */
export function readApi(
  templatePath: string,
  parameters: Readonly<Record<string, string>>,
  name = 'ExampleApiGateway',
): Api {
  const template = readTemplate(templatePath);
  const { resolve } = readIntrinsics(template, { ExampleApi: 'true', ...parameters });
  const resource = asObject(asObject(template['Resources'])[name]);
  const properties = asObject(resolve(resource['Properties'] ?? null));
  const definition = v.parse(openApi, properties['DefinitionBody']);
  const schemes = Object.entries(definition.components.securitySchemes);
  const [schemeName, scheme] = schemes[0] ?? [];
  if (schemeName === undefined || scheme === undefined || schemes.length > 1)
    throw new Error('Expected one authorizer.');
  const authorizer = scheme['x-amazon-apigateway-authorizer'];

  return {
    stage: String(properties['StageName']),
    routes: Object.entries(definition.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, one]) => ({
        resource: path,
        method: method === 'x-amazon-apigateway-any-method' ? 'ANY' : method.toUpperCase(),
        isProtected: one.security.some((requirement) => schemeName in requirement),
        integration: one['x-amazon-apigateway-integration'],
      })),
    ),
    gatewayResponses: definition['x-amazon-apigateway-gateway-responses'],
    identityHeaders: readIdentityHeaders(authorizer.identitySource),
    ttlSeconds: authorizer.authorizerResultTtlInSeconds,
  };
}

function readIdentityHeaders(identitySource: string): readonly string[] {
  const sources = identitySource.split(',').map((source) => source.trim());
  return sources.filter(Boolean).map((source) => {
    const [, header] = /^method\.request\.header\.([\w-]+)$/.exec(source) ?? [];
    if (header === undefined) throw new Error(`The identity source ${source} is not known here: headers only.`);
    return header;
  });
}
