import velocity from 'velocityjs';
import type { MockIntegration } from './api.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import { headerValues } from './http.ts';

export interface IntegrationFacts {
  readonly request: HttpRequest;
  readonly requestId: string;
  readonly resource: string;
  readonly authorizer: Readonly<Record<string, string>>;
}

/**
 * Carries out a mock integration: its response template is run as the Velocity that it is.
 *
 * @returns nothing when no request template is for the request's content type.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function answerMock(integration: MockIntegration, facts: IntegrationFacts): HttpResponse | undefined {
  const contentType = headerValues(facts.request, 'content-type').at(-1)?.split(';')[0] ?? 'application/json';
  if (integration.requestTemplates[contentType] === undefined) return undefined;
  const { statusCode, responseParameters, responseTemplates } = integration.responses.default;
  const headers: Record<string, string> = { 'x-amzn-requestid': facts.requestId };
  for (const [name, source] of Object.entries(responseParameters)) {
    headers[name.replace('method.response.header.', '').toLowerCase()] = source.replace(/^'(.*)'$/s, '$1');
  }
  const template = responseTemplates['application/json'];
  if (template === undefined) return { status: statusCode, headers, body: '' };
  return {
    status: statusCode,
    headers: { 'content-type': 'application/json', ...headers },
    body: velocity.render(template, variablesOf(facts)),
  };
}

function variablesOf({ request, requestId, resource, authorizer }: IntegrationFacts): object {
  return {
    context: {
      httpMethod: request.method,
      resourcePath: resource,
      requestId,
      identity: { sourceIp: request.sourceIp },
      authorizer,
    },
    util: { escapeJavaScript: (text = '') => javaString(escapeJavaScript(text)) },
  };
}

/** API Gateway escapes apostrophes too, which makes its output no JSON until they are put right again. */
function escapeJavaScript(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll("'", String.raw`\'`);
}

/** A string with the method of Java's that our templates call, whose first argument is a regular expression. */
function javaString(text: string): object {
  return {
    toString: () => text,
    replaceAll: (pattern: string, replacement: string) =>
      javaString(text.replace(new RegExp(pattern, 'g'), replacement)),
  };
}
