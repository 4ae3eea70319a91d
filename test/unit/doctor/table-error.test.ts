import { describe, expect, it } from 'vitest';
import { tableProblem } from '../../../src/doctor/table-error.ts';

describe('why the table could not be asked', () => {
  it.each([
    ['Region is missing', 'Give --region, or set AWS_REGION.'],
    ['Region not accepted: region="eu west" is not a valid hostname component.', 'Check --region (AWS_REGION).'],
    ['Invalid URL', 'Check AWS_ENDPOINT_URL_DYNAMODB and AWS_ENDPOINT_URL, or --endpoint-url.'],
  ])('names the option and the variable that are wrong: %s', (message, remedy) => {
    expect(tableProblem(new Error(message))).toMatchObject({ severity: 'problem', remedy });
  });

  it('is what the network says, and where the address comes from, when nothing answered', () => {
    const error = Object.assign(new Error('getaddrinfo ENOTFOUND x.invalid'), { code: 'ENOTFOUND', $metadata: {} });
    const { found, remedy } = tableProblem(error);
    expect(found).toBe(
      'The table could not be reached (getaddrinfo ENOTFOUND x.invalid): the host name is not known here.',
    );
    expect(remedy).toContain('--region and --endpoint-url (AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB)');
  });

  it('is the same for what answers as no DynamoDB does', () => {
    const error = Object.assign(new Error('UnknownError'), { name: 'Unknown', $fault: 'client', $metadata: {} });
    expect(tableProblem(error).remedy).toContain('--endpoint-url');
  });
});
