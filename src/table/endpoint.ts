import { partition } from '@aws-sdk/core/client';

/** What of a function's environment tells where DynamoDB is. */
export interface EndpointVariables {
  readonly AWS_REGION?: string | undefined;
  readonly AWS_ENDPOINT_URL_DYNAMODB?: string | undefined;
  readonly AWS_ENDPOINT_URL?: string | undefined;
  readonly AWS_USE_FIPS_ENDPOINT?: string | undefined;
  readonly AWS_USE_DUALSTACK_ENDPOINT?: string | undefined;
}

/**
 * DynamoDB's endpoint in a region, by the AWS SDK's list of partitions: the same as the SDK's client finds.
 *
 * @throws Error when there is no region.
 * @see https://docs.aws.amazon.com/general/latest/gr/ddb.html
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
 */
export function endpointOf(env: EndpointVariables): URL {
  const given = env.AWS_ENDPOINT_URL_DYNAMODB || env.AWS_ENDPOINT_URL;
  if (given) return new URL(given);
  const { AWS_REGION: region } = env;
  if (!region) throw new Error('AWS_REGION is missing');
  const { dnsSuffix, dualStackDnsSuffix } = partition(region);
  const isDualStack = env.AWS_USE_DUALSTACK_ENDPOINT === 'true';
  // In GovCloud the plain endpoint is the FIPS endpoint.
  const isFips = env.AWS_USE_FIPS_ENDPOINT === 'true' && (isDualStack || !region.startsWith('us-gov-'));
  return new URL(`https://dynamodb${isFips ? '-fips' : ''}.${region}.${isDualStack ? dualStackDnsSuffix : dnsSuffix}`);
}
