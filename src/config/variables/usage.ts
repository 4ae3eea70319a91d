import { tableName } from '../schemas.ts';
import { matches, oneOf, schema, text } from '../text-schema.ts';
import type { Variables } from './variable.ts';

const REQUIRED_USAGE_TABLE = {
  schema: tableName,
  example: 'gatepass-usage',
  meaning: 'the DynamoDB table that usage is recorded in',
} as const;

/** The usage table, where usage is recorded at all. */
export const USAGE_TABLE = { ...REQUIRED_USAGE_TABLE, isOptional: true } as const;

function wholeNumber(most: number) {
  const isGood = (number: string) => /^[1-9]\d{0,3}$/.test(number) && Number(number) <= most;
  return schema(Number, [isGood, `must be a whole number from 1 to ${most}`]);
}

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const topic = text(matches(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'must be the ARN of an SNS topic'));

/** What the recorder of usage reads. */
export const USAGE_VARIABLES = {
  GATEPASS_USAGE_TABLE: REQUIRED_USAGE_TABLE,
  GATEPASS_USAGE_ADDRESSES: {
    schema: oneOf(['block', 'full', 'off'], 'must be block, full or off'),
    default: 'block',
    example: 'block',
    meaning: 'how addresses are kept: block (/24, /48), full or off',
  },
  GATEPASS_USAGE_ALERTS: {
    schema: oneOf(['true', 'false'], 'must be true or false'),
    default: 'false',
    example: 'true',
    meaning: 'whether unusual activity is told',
  },
  GATEPASS_USAGE_NEW_BLOCK_DAYS: {
    schema: wholeNumber(365),
    default: '30',
    example: '30',
    meaning: 'after how many days without it an address block is new again, and for how long a key is learned first',
  },
  GATEPASS_USAGE_SILENCE_DAYS: {
    schema: wholeNumber(3650),
    default: '90',
    example: '90',
    meaning: 'after how many days without use a use is unusual',
  },
  GATEPASS_USAGE_REFUSED_MINUTES: {
    schema: wholeNumber(59),
    default: '10',
    example: '10',
    meaning: 'in more minutes of an hour than these, refusals of a real secret are unusual',
  },
  GATEPASS_USAGE_TOPIC: {
    schema: topic,
    isOptional: true,
    example: 'arn:aws:sns:eu-west-1:123456789012:gatepass',
    meaning: 'the SNS topic that is told of unusual activity',
  },
} as const satisfies Variables;
