import { randomBytes } from 'node:crypto';

/** Nothing listens on the loopback's discard port. */
const NOWHERE = 'http://127.0.0.1:9';

/** What the AWS SDK must find. DynamoDB Local takes any access key id of letters and digits, and any secret. */
export const AWS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'e2e',
  AWS_SECRET_ACCESS_KEY: randomBytes(20).toString('hex'),
} as const;

/** A function's environment, in which neither a table nor a realm can be reached until a test says where they are. */
export function functionEnvironment(change: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    ...AWS,
    AWS_ENDPOINT_URL_DYNAMODB: NOWHERE,
    GATEPASS_TABLE: 'gatepass',
    GATEPASS_ISSUER: `${NOWHERE}/realms/gatepass`,
    GATEPASS_AUDIENCE: 'demo-api',
    ...change,
  };
}
