import * as v from 'valibot';
import { tableName } from '../schemas.ts';
import type { Variables } from './variable.ts';

/** The usage table, where usage is recorded at all. */
export const USAGE_TABLE = {
  schema: v.optional(tableName),
  example: 'gatepass-usage',
  meaning: 'the DynamoDB table that usage is recorded in',
  option: '--usage-table <name>',
} as const;

function wholeNumber(most: number) {
  const isGood = (text: string) => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= most;
  return v.pipe(v.string(), v.check(isGood, `must be a whole number from 1 to ${most}`), v.transform(Number));
}

/** https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html */
const topic = v.pipe(
  v.string(),
  v.regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]+$/, 'must be the ARN of an SNS topic'),
);

/** What the recorder of usage reads. */
export const USAGE_VARIABLES = {
  GATEPASS_USAGE_TABLE: { ...USAGE_TABLE, schema: tableName },
  GATEPASS_USAGE_ADDRESSES: {
    schema: v.optional(v.picklist(['block', 'full', 'off'], 'must be block, full or off'), 'block'),
    example: 'block',
    meaning: 'how addresses are kept: block (/24, /48), full or off',
  },
  GATEPASS_USAGE_ALERTS: {
    schema: v.optional(v.picklist(['true', 'false'], 'must be true or false'), 'false'),
    example: 'true',
    meaning: 'whether unusual activity is told',
  },
  GATEPASS_USAGE_NEW_BLOCK_DAYS: {
    schema: v.optional(wholeNumber(365), '30'),
    example: '30',
    meaning: 'after how many days without it an address block is new again, and for how long a key is learned first',
  },
  GATEPASS_USAGE_SILENCE_DAYS: {
    schema: v.optional(wholeNumber(3650), '90'),
    example: '90',
    meaning: 'after how many days without use a use is unusual',
  },
  GATEPASS_USAGE_REFUSED_MINUTES: {
    schema: v.optional(wholeNumber(59), '10'),
    example: '10',
    meaning: 'in more minutes of an hour than these, refusals of a real secret are unusual',
  },
  GATEPASS_USAGE_TOPIC: {
    schema: v.optional(topic),
    example: 'arn:aws:sns:eu-west-1:123456789012:gatepass',
    meaning: 'the SNS topic that is told of unusual activity',
  },
} as const satisfies Variables;
