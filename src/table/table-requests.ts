import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { isThrottlingError, isTransientError, StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { USER_AGENT } from '../user-agent.ts';
import { type EndpointVariables, endpointOf } from './endpoint.ts';
import type { RequestOptions } from './store.ts';
import { ATTEMPTS, timeLimits } from './time-limits.ts';

/** What of a function's environment says where DynamoDB is, and who asks it. */
export interface AwsVariables extends EndpointVariables {
  readonly AWS_ACCESS_KEY_ID?: string | undefined;
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined;
  readonly AWS_SESSION_TOKEN?: string | undefined;
}

type SdkError = Parameters<typeof isThrottlingError>[0];

/** Sends one operation, and tries it again as the AWS SDK's client would. */
type Send<Answer> = (
  operation: string,
  input: object,
  options: RequestOptions,
) => Promise<{ readonly answer: Answer; readonly attempts: number }>;

/**
 * Requests to DynamoDB, made of the AWS SDK's own parts: its signer, its HTTP handler, its retries and its list of
 * partitions. Its client is left out, which would cost a start 20 ms of CPU (docs/adr/0045).
 *
 * What is sent fails as in the SDK's client: with an error that has the service's name for it, and in `$metadata` the
 * HTTP status and how often it was tried.
 *
 * @throws Error when the environment doesn't say where DynamoDB is.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export function createTableRequests<Answer>(env: AwsVariables): Send<Answer> {
  const endpoint = endpointOf(env);
  const signer = new SignatureV4({
    service: 'dynamodb',
    region: env.AWS_REGION ?? '',
    sha256: Sha256,
    credentials: async () => credentialsOf(env),
  });
  const handler = new NodeHttpHandler(timeLimits());
  const retries = new StandardRetryStrategy(ATTEMPTS);

  return async (operation, input, { abortSignal }) => {
    const request = requestOf(operation, JSON.stringify(input), endpoint);
    let token = await retries.acquireInitialRetryToken('');
    for (;;) {
      const attempts = token.getRetryCount() + 1;
      try {
        // Each try is signed anew, since a signature has its time.
        const signed = new HttpRequest(await signer.sign(request));
        const { response } = await handler.handle(signed, { abortSignal });
        const answer = readAnswer(response.statusCode, await readText(response.body));
        retries.recordSuccess(token);
        // A table answers what its API says; what lies in an item is judged by who reads it.
        return { answer: answer as Answer, attempts };
      } catch (thrown) {
        const error = withAttempts(thrown, attempts);
        token = await retries
          .refreshRetryTokenForRetry(token, { error, errorType: errorTypeOf(error) })
          .catch(() => Promise.reject(error));
      }
    }
  };
}

function requestOf(operation: string, body: string, { protocol, hostname, port, host, pathname }: URL): HttpRequest {
  return new HttpRequest({
    ...{ method: 'POST', protocol, hostname, path: pathname, body },
    ...(port !== '' && { port: Number(port) }),
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'content-length': String(Buffer.byteLength(body)),
      'user-agent': USER_AGENT,
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    },
  });
}

/** Those of a function's role are in its environment. */
function credentialsOf({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: AwsVariables) {
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
  throw named('CredentialsProviderError', 'no AWS credentials in the environment');
}

async function readText(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** @throws Error named as DynamoDB names it, of whose text nothing is kept: it may repeat what was sent. */
function readAnswer(status: number, text: string): object {
  const answer = parseObject(text);
  if (status === 200 && answer !== undefined) return answer;
  // `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException`
  const name = /(?:^|#)([A-Za-z]+)(?::|$)/.exec(String(answer?.['__type'] ?? ''))?.[1] ?? 'UnknownError';
  throw Object.assign(named(name, `DynamoDB answered ${status}`), { $metadata: { httpStatusCode: status } });
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

function withAttempts(thrown: unknown, attempts: number): SdkError {
  // What is thrown above is an error of Node's, of the SDK's or of ours.
  const error = thrown as SdkError;
  return Object.assign(error, { $metadata: { ...error.$metadata, attempts } });
}

function errorTypeOf(error: SdkError): 'THROTTLING' | 'TRANSIENT' | 'CLIENT_ERROR' {
  if (isThrottlingError(error)) return 'THROTTLING';
  return isTransientError(error) ? 'TRANSIENT' : 'CLIENT_ERROR';
}
