import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { endpointOf } from '../../../src/table/endpoint.ts';

const REGIONS = [
  'eu-west-1',
  'us-east-1',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'eusc-de-east-1',
  'xx-new-9',
];
vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true');
const sdk = new DynamoDBClient({ region: 'eu-west-1' });

describe.each([false, true])('an endpoint, dual-stack %s', (UseDualStack) => {
  describe.each([false, true])('and FIPS %s', (UseFIPS) => {
    it.each(REGIONS)("is that of the SDK's client in %s", (Region) => {
      const env = {
        AWS_REGION: Region,
        AWS_USE_FIPS_ENDPOINT: String(UseFIPS),
        AWS_USE_DUALSTACK_ENDPOINT: String(UseDualStack),
      };
      const { url } = sdk.config.endpointProvider({ Region, UseFIPS, UseDualStack });
      expect(endpointOf(env).href).toBe(url.href);
    });
  });
});

it('of DynamoDB alone stands before one of all services, and both before that of the region', () => {
  const all = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://localhost:1' };
  expect(endpointOf(all).href).toBe('http://localhost:1/');
  expect(endpointOf({ ...all, AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:2' }).href).toBe('http://localhost:2/');
});

it('needs a region, if no endpoint is given', () => {
  expect(() => endpointOf({})).toThrow('AWS_REGION is missing');
});
